import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import type { TokenAnswer } from '../../../routes/tokens/tokens.ts'
import { ConfirmButton } from '../components/confirm-button.ts'
import { CopyButton } from '../components/copy-button.ts'
import { ProblemNotice } from '../components/problem-notice.ts'
import { Ago, Time } from '../components/time.ts'
import { useApp } from '../context.ts'
import { Fields } from '../forms/fields.ts'
import { collectValues } from '../forms/form-values.ts'
import { useForm } from '../forms/use-form.ts'
import { useAction } from '../hooks/use-action.ts'
import { useLoaded } from '../hooks/use-loaded.ts'
import { html } from '../html.ts'

const EVERY_MS = 5_000
const LABELS = { expiresAt: 'Expires', perMinute: 'Requests a minute' }

/** The tokens that were issued: who may do what, and when each was used last. */
export function Tokens(): VNode {
  const { api } = useApp()
  const list = useLoaded((signal) => api.ask<{ items: TokenAnswer[] }>('/tokens', { signal }), EVERY_MS, [])
  const tokens = list.data?.items ?? []
  return html`
    <h1>Tokens</h1>
    <p>Give each program and person a token of its own: it may do no more than its role says, and is revoked without the others.
      Those of the configuration (<code>API_TOKEN</code>, <code>API_TOKENS</code>) count too, and are not listed here.</p>
    <${NewToken} onChange=${list.reload} />
    <section aria-labelledby="tokens">
      <h2 id="tokens">Issued tokens</h2>
      <${ProblemNotice} problem=${list.problem} />
      ${
        tokens.length === 0
          ? html`<p class="soft">${list.data === null ? 'Loading …' : 'None yet.'}</p>`
          : html`
          <table class="cards">
            <caption class="visually-hidden">Issued tokens</caption>
            <thead><tr>
              <th scope="col">Name</th><th scope="col">Role</th><th scope="col">Sessions</th><th scope="col">Last used</th>
              <th scope="col">Expires</th><th scope="col" class="number">A minute</th><th scope="col">Issued</th><th scope="col"><span class="visually-hidden">Revoke</span></th>
            </tr></thead>
            <tbody>${tokens.map((token) => html`<${TokenRow} key=${token.id} token=${token} onChange=${list.reload} />`)}</tbody>
          </table>`
      }
    </section>`
}

function TokenRow({ token, onChange }: { token: TokenAnswer; onChange: () => void }): VNode {
  const { api } = useApp()
  const { id, name, role, sessions, lastUsedAt, expiresAt, perMinute, createdAt, createdBy } = token
  const { run, isRunning, problem } = useAction()
  const revoke = () =>
    void run(async () => {
      await api.ask(`/tokens/${id}`, { method: 'DELETE' })
      onChange()
    })
  const isOver = expiresAt !== undefined && Date.parse(expiresAt) <= api.now()
  return html`
    <tr>
      <th scope="row">${name}</th>
      <td data-label="Role">${role}</td>
      <td data-label="Sessions">${sessions?.join(', ') ?? 'all'}</td>
      <td data-label="Last used">${lastUsedAt === null ? html`<span class="soft">never</span>` : html`<${Ago} at=${lastUsedAt} />`}</td>
      <td data-label="Expires">${expiresAt === undefined ? 'never' : html`<${Time} at=${expiresAt} />`} ${isOver && html`<span class="badge bad">over</span>`}</td>
      <td data-label="Requests a minute" class="number">${perMinute ?? 'no limit'}</td>
      <td data-label="Issued"><${Time} at=${createdAt} /> by ${createdBy}</td>
      <td><${ConfirmButton} label="Revoke" question=${`Revoke ${name}? Whoever uses it is refused at once.`} isDisabled=${isRunning} onConfirm=${revoke} />
        <${ProblemNotice} problem=${problem} /></td>
    </tr>`
}

/** The token itself is shown this once. */
function NewToken({ onChange }: { onChange: () => void }): VNode {
  const { api, facts } = useApp()
  const { values, onChange: change, reset } = useForm()
  const [issued, setIssued] = useState<{ name: string; token: string } | null>(null)
  const { run, isRunning, problem } = useAction()
  const submit = (event: Event) => {
    event.preventDefault()
    void run(async () => {
      setIssued(null)
      setIssued(await api.ask('/tokens', { method: 'POST', body: collectValues(facts.token, values) }))
      reset({})
      onChange()
    })
  }
  return html`
    <section aria-labelledby="new-token">
      <h2 id="new-token">New token</h2>
      <form class="stack two" onSubmit=${submit}>
        <${Fields} id="token" fields=${facts.token} values=${values} labels=${LABELS} onChange=${change} />
        <div class="row"><button type="submit" class="primary" disabled=${isRunning}>Issue</button></div>
      </form>
      <div role="status">
        ${
          issued !== null &&
          html`<div class="notice good"><p>The token of <b>${issued.name}</b>. It counts now, and is not shown again:</p>
            <p class="row"><code class="secret">${issued.token}</code> <${CopyButton} text=${issued.token} /></p></div>`
        }
      </div>
      <${ProblemNotice} problem=${problem} />
    </section>`
}
