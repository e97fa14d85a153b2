import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import type { WebhookTestAnswer } from '../../../routes/events/webhook-test.ts'
import type { WebhookAnswer } from '../../../webhooks/webhook-answer.ts'
import { type Address, writeAddress } from '../address.ts'
import { ConfirmButton } from '../components/confirm-button.ts'
import { ProblemNotice } from '../components/problem-notice.ts'
import { formatSpan } from '../components/time.ts'
import { useApp } from '../context.ts'
import { useAction } from '../hooks/use-action.ts'
import { useLoaded } from '../hooks/use-loaded.ts'
import { html } from '../html.ts'
import { Deliveries } from './webhook-deliveries.ts'
import { WebhookForm } from './webhook-form.ts'

const EVERY_MS = 3_000
/** What is on its way for less is no delay. */
const BEHIND_MS = 2_000

interface WebhooksProps {
  /** Absent for the webhooks that get the events of all sessions. */
  session?: string
  address: Address
}

/** Where events are posted to: each webhook with how far it is, and what became of its deliveries. */
export function Webhooks({ session, address }: WebhooksProps): VNode {
  const { api, may } = useApp()
  const list = useLoaded(
    (signal) => api.ask<{ items: WebhookAnswer[] }>('/webhooks', { session, signal }),
    EVERY_MS,
    [session],
  )
  const room = session === undefined ? ['webhooks'] : ['sessions', session, 'webhooks']
  const name = address.parts[room.length]
  const chosen = list.data?.items.find((one) => one.name === name)
  return html`
    <section aria-labelledby="webhooks">
      <h2 id="webhooks">${session === undefined ? 'Webhooks for all sessions' : 'Webhooks of this session'}</h2>
      <${ProblemNotice} problem=${list.problem} />
      ${list.data?.items.length === 0 && html`<p class="soft">None yet: no events are posted.</p>`}
      ${list.data?.items.map((webhook) => html`<${Webhook} key=${webhook.name} webhook=${webhook} session=${session} room=${room} onChange=${list.reload} />`)}
    </section>
    ${chosen !== undefined && html`<${Deliveries} key=${name} webhook=${chosen} session=${session} room=${room} address=${address} onChange=${list.reload} />`}
    ${may('admin') && html`<${WebhookForm} key=${`form-${chosen?.name}`} webhook=${chosen} session=${session} onChange=${list.reload} />`}`
}

interface WebhookProps {
  webhook: WebhookAnswer
  session: string | undefined
  room: string[]
  onChange: () => void
}

function Webhook({ webhook, session, room, onChange }: WebhookProps): VNode {
  const { api, may } = useApp()
  const { name, url, events, enabled, ended, deliveries } = webhook
  const [tested, setTested] = useState<WebhookTestAnswer | null>(null)
  const { run, isRunning, problem } = useAction()
  const path = `/webhooks/${encodeURIComponent(name)}`
  const test = () =>
    void run(async () => {
      setTested(null)
      setTested(await api.ask(`${path}/test`, { method: 'POST', session }))
    })
  const remove = () =>
    void run(async () => {
      await api.ask(path, { method: 'DELETE', session })
      onChange()
    })
  const { pending, retrying, dead, dropped, oldestPendingAgeMs } = deliveries
  const isBehind = oldestPendingAgeMs >= BEHIND_MS
  return html`
    <article class="item" aria-label=${name}>
      <p><b>${name}</b> <code>${url}</code> ${!enabled && html`<span class="badge bad">${ended === undefined ? 'switched off' : 'ended: its receiver answered 410'}</span>`}</p>
      <p class="soft">${events.includes('*') ? 'all events' : events.join(', ')}</p>
      <p>
        <span class=${`badge ${isBehind ? 'attention' : 'good'}`}>${isBehind ? `${formatSpan(oldestPendingAgeMs)} behind` : 'up to date'}</span>${' '}
        ${pending} due · ${retrying} retrying · ${dead} dead${dropped > 0 && ` · ${dropped} dropped`}
      </p>
      <div class="row">
        <button type="button" disabled=${isRunning} onClick=${test}>Test</button>
        <a class="button" href=${writeAddress([...room, name])}>${may('admin') ? 'Deliveries and changes' : 'Deliveries'}</a>
        ${may('admin') && html`<${ConfirmButton} label="Delete" question=${`Delete ${name} and what is due for it?`} isDisabled=${isRunning} onConfirm=${remove} />`}
      </div>
      <p role="status">
        ${isRunning && 'Under way …'}
        ${tested !== null && html`<span class=${`badge ${tested.success ? 'good' : 'bad'}`}>${tested.httpStatus ?? 'no answer'}</span> after ${Math.round(tested.tookMs)} ms: ${tested.answer || 'an empty answer'}`}
      </p>
      <${ProblemNotice} problem=${problem} />
    </article>`
}
