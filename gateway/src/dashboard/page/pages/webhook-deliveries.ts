import type { Listed } from '@wsg/shared/paging.ts'
import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import type { AttemptAnswer, DeliveryAnswer } from '../../../routes/events/webhook-deliveries.ts'
import type { WebhookAnswer } from '../../../webhooks/webhook-answer.ts'
import { type Address, writeAddress } from '../address.ts'
import { Pages } from '../components/pages.ts'
import { ProblemNotice } from '../components/problem-notice.ts'
import { StateBadge } from '../components/state-badge.ts'
import { Time } from '../components/time.ts'
import { useApp } from '../context.ts'
import { useAction } from '../hooks/use-action.ts'
import { useLoaded } from '../hooks/use-loaded.ts'
import { html } from '../html.ts'

const PAGE_SIZE = 20
const EVERY_MS = 3_000

interface DeliveriesProps {
  webhook: WebhookAnswer
  session: string | undefined
  /** The address of the webhooks that this one is among. */
  room: string[]
  address: Address
  onChange: () => void
}

/** What became of the deliveries of a webhook, by status, with the attempts of each. */
export function Deliveries({ webhook, session, room, address, onChange }: DeliveriesProps): VNode {
  const { api, facts } = useApp()
  const { name } = webhook
  const counts: Record<string, number> = webhook.deliveries
  // What is amiss is shown first, the worst before all.
  const [first] = useState(() => ['dead', 'retrying', 'pending'].find((one) => counts[one]) ?? 'delivered')
  const { status = first, after } = address.query
  const path = `/webhooks/${encodeURIComponent(name)}`
  const list = useLoaded(
    (signal) =>
      api.ask<Listed<DeliveryAnswer>>(`${path}/deliveries`, {
        session,
        query: { status, limit: PAGE_SIZE, cursor: after },
        signal,
      }),
    EVERY_MS,
    [session, name, status, after],
  )
  const { run, isRunning, problem } = useAction()
  const again = (what: string, body?: object) => () =>
    void run(async () => {
      await api.ask(`${path}${what}`, { method: 'POST', session, body })
      list.reload()
      onChange()
    })
  const at = (query: Record<string, string | undefined>) => writeAddress([...room, name], query)
  const items = list.data?.items ?? []
  const next = list.data?.nextCursor ?? null
  return html`
    <section aria-labelledby="deliveries">
      <h2 id="deliveries">Deliveries of ${name}</h2>
      <div class="row">
        <nav class="row" aria-label="By status">
          ${facts.deliveryStatuses.map((one) => html`<a class="chip" href=${at({ status: one })} aria-current=${one === status ? 'true' : null}>${one} <b>${counts[one]}</b></a>`)}
        </nav>
        ${items.length > 0 && status !== 'pending' && html`<button type="button" class="small" disabled=${isRunning} onClick=${again('/redeliver', { status })}>Send all of these again</button>`}
      </div>
      <${ProblemNotice} problem=${list.problem ?? problem} />
      ${
        items.length === 0
          ? html`<p class="soft">${list.data === null ? 'Loading …' : `None is ${status}.`}</p>`
          : html`
          <table class="cards">
            <caption class="visually-hidden">Deliveries</caption>
            <thead><tr><th scope="col">Event</th><th scope="col">Status</th><th scope="col">Attempts</th><th scope="col">Again</th></tr></thead>
            <tbody>${items.map(
              (delivery) => html`
                <tr key=${delivery.id}>
                  <th scope="row"><code>${delivery.id}</code> <span class="soft">${delivery.sessionId} ${delivery.chatId}</span></th>
                  <td><${StateBadge} state=${delivery.status} /> ${isAhead(delivery) && 'due '}<${Time} at=${delivery.at} /></td>
                  <td><${Attempts} delivery=${delivery} /></td>
                  <td>${status !== 'pending' && html`<button type="button" class="small" disabled=${isRunning} onClick=${again(`/deliveries/${encodeURIComponent(delivery.id)}/redeliver`)}>Send again</button>`}</td>
                </tr>`,
            )}</tbody>
          </table>`
      }
      <${Pages} first=${after === undefined ? null : at({ status })} next=${next === null ? null : at({ status, after: next })} />
    </section>`
}

/** Its time is when it is tried next, and not when it came to where it is. */
function isAhead({ status }: DeliveryAnswer): boolean {
  return status === 'pending' || status === 'retrying'
}

function Attempts({ delivery }: { delivery: DeliveryAnswer }): VNode {
  const { attempts, lastAttempt, earlierAttempts } = delivery
  if (lastAttempt === null) return html`<span class="soft">none yet</span>`
  return html`${attempts}${attempts === 1 ? ' attempt' : ' attempts'}, the last <${OneAttempt} attempt=${lastAttempt} />
    ${
      earlierAttempts.length > 0 &&
      html`
      <details>
        <summary>Before that</summary>
        <ul>${earlierAttempts.map((one) => html`<li key=${one.at}><${OneAttempt} attempt=${one} /></li>`)}</ul>
      </details>`
    }`
}

function OneAttempt({ attempt: { at, httpStatus, tookMs, answer } }: { attempt: AttemptAnswer }): VNode {
  return html`<${Time} at=${at} />: <b>${httpStatus ?? 'no answer'}</b> after ${Math.round(tookMs)} ms ${answer !== '' && html`<code>${answer}</code>`}`
}
