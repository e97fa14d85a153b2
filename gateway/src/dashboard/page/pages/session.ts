import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import { type Address, writeAddress } from '../address.ts'
import type { Status } from '../api/answers.ts'
import type { FeedEvent } from '../api/follow-events.ts'
import { useApp } from '../context.ts'
import { html } from '../parts/html.ts'
import { ProblemNotice } from '../parts/problem-notice.ts'
import { StateBadge } from '../parts/state-badge.ts'
import { useEvents } from '../parts/use-events.ts'
import { useLoaded } from '../parts/use-loaded.ts'
import { Account } from './session/account.ts'
import { Controls } from './session/controls.ts'
import { Events } from './session/events.ts'
import { History } from './session/history.ts'
import { Messages } from './session/messages.ts'
import { isPairing, Pairing } from './session/pairing.ts'
import { Queue } from './session/queue.ts'
import { Send } from './session/send.ts'
import { SimulatedSender } from './session/simulated-phone.ts'
import { Webhooks } from './webhooks.ts'

const EVERY_MS = 5_000
/** Older ones are dropped: whoever needs all of them reads the stream with a program. */
const KEPT_EVENTS = 500

const VIEWS = [
  { name: undefined, label: 'Overview' },
  { name: 'messages', label: 'Messages' },
  { name: 'events', label: 'Events' },
  { name: 'queue', label: 'Queue' },
  { name: 'webhooks', label: 'Webhooks' },
] as const

/** One session. Its views have addresses of their own and share one stream of events. */
export function Session({ sessionId, address }: { sessionId: string; address: Address }): VNode {
  const { api } = useApp()
  const [events, setEvents] = useState<FeedEvent[]>([])
  const status = useLoaded((signal) => api.ask<Status>('/status', { session: sessionId, signal }), EVERY_MS, [
    sessionId,
  ])
  const isKnown = status.data !== null && status.data.status !== 'not_found'
  const view = address.parts[2]
  if (status.data === null)
    return html`<h1>${sessionId}</h1><${ProblemNotice} problem=${status.problem} />
      <p role="status">${status.problem === null && 'Loading …'}</p>`
  return html`
    <p class="path"><a href="#/sessions">Sessions</a></p>
    <div class="row"><h1>${sessionId}</h1><${StateBadge} state=${status.data.status} /></div>
    <p role="status"><b>${status.data.reason}</b>: ${status.data.message}</p>
    <${ProblemNotice} problem=${status.problem} />
    ${
      isKnown &&
      html`
      <${Feed} sessionId=${sessionId} onEvent=${(event: FeedEvent) => {
        setEvents((before) => [event, ...before].slice(0, KEPT_EVENTS))
        if (event.event.startsWith('session.')) status.reload()
      }} />
      <nav class="tabs" aria-label="Of this session">
        ${VIEWS.map(
          ({ name, label }) => html`
            <a href=${writeAddress(['sessions', sessionId, ...(name === undefined ? [] : [name])])} aria-current=${view === name ? 'page' : null}>${label}</a>`,
        )}
      </nav>`
    }
    <${View} view=${view} status=${status.data} events=${events} address=${address} onChange=${status.reload} />`
}

function Feed({ sessionId, onEvent }: { sessionId: string; onEvent: (event: FeedEvent) => void }): VNode {
  const { state, problem } = useEvents(sessionId, ['*'], onEvent)
  return html`<${ProblemNotice} problem=${problem} />
    <p class="visually-hidden" role="status">${state === 'live' ? 'Events come as they happen' : 'Connecting to the events'}</p>`
}

interface ViewProps {
  view: string | undefined
  status: Status
  events: FeedEvent[]
  address: Address
  onChange: () => void
}

function View({ view, status, events, address, onChange }: ViewProps): VNode {
  const { facts } = useApp()
  const { sessionId } = status
  const newest = events[0]?.id
  if (view === 'messages')
    return html`<${Messages} sessionId=${sessionId} address=${address} newest=${newest} />`
  if (view === 'queue') return html`<${Queue} status=${status} newest=${newest} onChange=${onChange} />`
  if (view === 'webhooks') return html`<${Webhooks} session=${sessionId} address=${address} />`
  if (view === 'events') return html`<${Events} sessionId=${sessionId} events=${events} />`
  return html`
    <div class="columns">
      <div>
        ${isPairing(status) && html`<${Pairing} status=${status} onChange=${onChange} />`}
        ${status.status === 'ready' && html`<${Send} sessionId=${sessionId} />`}
        ${facts.hasSimulatedPhones && status.status === 'ready' && status.phone !== undefined && html`<${SimulatedSender} account=${status.phone} />`}
        <${Controls} status=${status} onChange=${onChange} />
      </div>
      <div>
        ${status.status !== 'not_found' && html`<${Account} status=${status} />`}
        ${status.history !== undefined && html`<${History} history=${status.history} />`}
      </div>
    </div>
    ${
      status.status !== 'not_found' &&
      html`
      <${Messages} sessionId=${sessionId} address=${address} newest=${newest} limit=${8} />
      <${Events} sessionId=${sessionId} events=${events} limit=${12} />`
    }`
}
