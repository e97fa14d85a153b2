import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import type { Address } from '../address.ts'
import type { FeedEvent } from '../api/follow-events.ts'
import { html } from '../html.ts'
import { EventList, keepEvent } from './session/event-list.ts'
import { Feed } from './session/feed.ts'

/** What happens in all sessions, as it happens. */
export function Events({ address }: { address: Address }): VNode {
  const [events, setEvents] = useState<FeedEvent[]>([])
  return html`
    <h1>Events</h1>
    <${Feed} onEvent=${(event: FeedEvent) => setEvents((before) => keepEvent(event, before))} />
    <${EventList} events=${events} query=${address.query} />`
}
