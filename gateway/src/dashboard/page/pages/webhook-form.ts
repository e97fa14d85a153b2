import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import type { WebhookAnswer } from '../../../webhooks/webhook-answer.ts'
import { CopyButton } from '../components/copy-button.ts'
import { ProblemNotice } from '../components/problem-notice.ts'
import { useApp } from '../context.ts'
import { Fields } from '../forms/fields.ts'
import { collectValues, type FormValues } from '../forms/form-values.ts'
import { useForm } from '../forms/use-form.ts'
import { useAction } from '../hooks/use-action.ts'
import { html } from '../html.ts'

const LABELS = { url: 'Address', hubSignature: 'Sign as GitHub does, too' }
const NEEDED = ['url', 'events', 'enabled']

interface WebhookFormProps {
  /** Changed, where there is one; made otherwise. */
  webhook: WebhookAnswer | undefined
  session: string | undefined
  onChange: () => void
}

/** Sets a webhook up, or changes one. Its secret is shown this once. */
export function WebhookForm({ webhook, session, onChange }: WebhookFormProps): VNode {
  const { api, facts } = useApp()
  const [name, setName] = useState(webhook?.name ?? '')
  const { values, onChange: change } = useForm(asWritten(webhook))
  const [put, setPut] = useState<{ secret?: string; warnings: string[] } | null>(null)
  const { run, isRunning, problem } = useAction()
  const submit = (event: Event) => {
    event.preventDefault()
    void run(async () => {
      setPut(null)
      const body = collectValues(facts.webhook, values)
      setPut(await api.ask(`/webhooks/${encodeURIComponent(name)}`, { method: 'PUT', session, body }))
      onChange()
    })
  }
  const needed = facts.webhook.filter(({ name: field }) => NEEDED.includes(field))
  const further = facts.webhook.filter((field) => !needed.includes(field))
  return html`
    <section aria-labelledby="webhook-form">
      <h2 id="webhook-form">${webhook === undefined ? 'New webhook' : `Change ${webhook.name}`}</h2>
      <form class="stack two" onSubmit=${submit}>
        <div class="field">
          <label for="webhook-name">Name</label>
          <input id="webhook-name" required autocomplete="off" disabled=${webhook !== undefined} value=${name}
            onInput=${(event: InputEvent) => setName((event.target as HTMLInputElement).value)} />
        </div>
        <${Fields} id="webhook" fields=${needed} values=${values} labels=${LABELS} onChange=${change} />
        <details class="whole">
          <summary>Signing, headers, chats</summary>
          <div class="stack two"><${Fields} id="webhook" fields=${further} values=${values} labels=${LABELS} onChange=${change} /></div>
        </details>
        <div class="row"><button type="submit" class="primary" disabled=${isRunning}>Save</button></div>
      </form>
      ${webhook !== undefined && webhook.headers.length > 0 && html`<p>It has the headers ${webhook.headers.join(', ')}, whose values are not shown again: what is saved takes their place.</p>`}
      <div role="status">
        ${put !== null && html`<p>Saved.</p>`}
        ${put?.secret !== undefined && html`<p>Its bodies are signed with this secret. It is not shown again: <code>${put.secret}</code> <${CopyButton} text=${put.secret} /></p>`}
        ${put?.warnings.map((warning) => html`<p class="notice attention">${warning}</p>`)}
      </div>
      <${ProblemNotice} problem=${problem} />
    </section>`
}

/** What is shown of a webhook, as the inputs have it. */
function asWritten(webhook: WebhookAnswer | undefined): FormValues {
  if (webhook === undefined) return { events: ['*'] }
  const { url, events, chats, hubSignature, enabled } = webhook
  return { url, events, chats: chats.join('\n'), hubSignature, enabled }
}
