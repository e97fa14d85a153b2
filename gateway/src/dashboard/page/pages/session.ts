import type { Role } from '@wsg/shared/roles.ts'
import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import type { StatusAnswer } from '../../../routes/sessions/status.ts'
import { type Address, writeAddress } from '../address.ts'
import type { FeedEvent } from '../api/follow-events.ts'
import { ProblemNotice } from '../components/problem-notice.ts'
import { StateBadge } from '../components/state-badge.ts'
import { useApp } from '../context.ts'
import { useLoaded } from '../hooks/use-loaded.ts'
import { html } from '../html.ts'
import { Account } from './session/account.ts'
import { Chats } from './session/chats.ts'
import { Controls } from './session/controls.ts'
import { EventList, keepEvent } from './session/event-list.ts'
import { Feed } from './session/feed.ts'
import { History } from './session/history.ts'
import { Message } from './session/message.ts'
import { Messages } from './session/messages.ts'
import { isPairing, Pairing } from './session/pairing.ts'
import { ProxyForm } from './session/proxy-form.ts'
import { Queue } from './session/queue.ts'
import { Screen } from './session/screen.ts'
import { Send } from './session/send.ts'
import { SimulatedSender } from './session/simulated-phone.ts'
import { Webhooks } from './webhooks.ts'

const EVERY_MS = 5_000

const VIEWS: readonly { name: string | undefined; label: string; needs: Role }[] = [
  { name: undefined, label: 'Overview', needs: 'viewer' },
  { name: 'chats', label: 'Chats', needs: 'viewer' },
  { name: 'messages', label: 'Messages', needs: 'viewer' },
  { name: 'events', label: 'Events', needs: 'viewer' },
  { name: 'queue', label: 'Queue', needs: 'viewer' },
  { name: 'webhooks', label: 'Webhooks', needs: 'operator' },
  { name: 'proxy', label: 'Proxy', needs: 'admin' },
]

/** One session. Its views have addresses of their own and share one stream of events. */
export function Session({ sessionId, address }: { sessionId: string; address: Address }): VNode {
  const { api, may } = useApp()
  const [events, setEvents] = useState<FeedEvent[]>([])
  const status = useLoaded(
    (signal) => api.ask<StatusAnswer>('/status', { session: sessionId, signal }),
    EVERY_MS,
    [sessionId],
  )
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
      status.data.queue?.paused === true &&
      html`<p class="notice attention">Sending is paused: what is accepted waits. <a href=${writeAddress(['sessions', sessionId, 'queue'])}>To the queue</a></p>`
    }
    ${
      isKnown &&
      html`
      <${Feed} session=${sessionId} onEvent=${(event: FeedEvent) => {
        setEvents((before) => keepEvent(event, before))
        if (event.event.startsWith('session.')) status.reload()
      }} />
      <nav class="tabs" aria-label="Of this session">
        ${VIEWS.filter(({ needs }) => may(needs)).map(
          ({ name, label }) => html`
            <a href=${writeAddress(['sessions', sessionId, ...(name === undefined ? [] : [name])])} aria-current=${view === name ? 'page' : null}>${label}</a>`,
        )}
      </nav>`
    }
    <${View} view=${view} status=${status.data} events=${events} address=${address} onChange=${status.reload} />`
}

interface ViewProps {
  view: string | undefined
  status: StatusAnswer
  events: FeedEvent[]
  address: Address
  onChange: () => void
}

function View({ view, status, events, address, onChange }: ViewProps): VNode {
  const { facts, may } = useApp()
  const { sessionId } = status
  const newest = events[0]?.id
  const [, , , messageId] = address.parts
  if (view === 'chats') {
    const newestOfChats = events.find(({ event }) => /^(message|chat|session)\b/.test(event))?.id
    return html`<${Chats} sessionId=${sessionId} address=${address} newest=${newestOfChats} />`
  }
  if (view === 'messages' && messageId !== undefined)
    return html`<${Message} sessionId=${sessionId} id=${messageId} newest=${newest} />`
  if (view === 'messages')
    return html`<${Messages} sessionId=${sessionId} query=${address.query} newest=${newest} />`
  if (view === 'queue') return html`<${Queue} status=${status} newest=${newest} onChange=${onChange} />`
  if (view === 'webhooks') return html`<${Webhooks} session=${sessionId} address=${address} />`
  if (view === 'proxy') return html`<${ProxyForm} status=${status} onChange=${onChange} />`
  if (view === 'events')
    return html`<${EventList} session=${sessionId} events=${events} query=${address.query} />`
  const isKnown = status.status !== 'not_found'
  const isReady = status.status === 'ready'
  // What can be done comes first where nothing else can.
  const isRunning = isReady || isPairing(status)
  return html`
    <div class="columns">
      <div>
        ${!isRunning && html`<${Controls} status=${status} onChange=${onChange} />`}
        ${isPairing(status) && may('operator') && html`<${Pairing} status=${status} onChange=${onChange} />`}
        ${isReady && may('sender') && html`<${Send} sessionId=${sessionId} events=${events} />`}
        ${facts.hasSimulatedPhones && isReady && may('admin') && status.phone !== undefined && html`<${SimulatedSender} account=${status.phone} />`}
        ${isKnown && html`<${Messages} title="Latest messages" sessionId=${sessionId} query=${{}} newest=${newest} limit=${8} />`}
        ${isKnown && html`<${EventList} session=${sessionId} events=${events} limit=${12} />`}
      </div>
      <div>
        ${isRunning && html`<${Controls} status=${status} onChange=${onChange} />`}
        ${isKnown && html`<${Account} status=${status} />`}
        ${status.worker !== undefined && may('operator') && html`<${Screen} sessionId=${sessionId} />`}
        ${status.history !== undefined && html`<${History} history=${status.history} />`}
      </div>
    </div>`
}
