import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import { writeAddress } from '../../address.ts'
import type { FeedEvent } from '../../api/follow-events.ts'
import { CopyButton } from '../../components/copy-button.ts'
import { SearchBox } from '../../components/search-box.ts'
import { TimeOfDay } from '../../components/time.ts'
import { useApp } from '../../context.ts'
import { html } from '../../html.ts'

interface EventListProps {
  /** Absent for the events of all sessions. */
  session?: string
  /** The newest first. */
  events: FeedEvent[]
  /** How many are shown, without filters; absent for all that are kept. */
  limit?: number
  /** Of the address: which are shown. */
  query?: Readonly<Record<string, string>>
}

/** Older ones are dropped: whoever needs all of them reads the stream with a program. */
const KEPT_EVENTS = 500

/** Events before those that were kept. */
export function keepEvent(event: FeedEvent, before: readonly FeedEvent[]): FeedEvent[] {
  return [event, ...before].slice(0, KEPT_EVENTS)
}

/** Events since this page was opened, as they happen. */
export function EventList({ session, events, limit, query = {} }: EventListProps): VNode {
  const { facts } = useApp()
  const { event: name = '', contains: text = '' } = query
  const room = session === undefined ? ['events'] : ['sessions', session, 'events']
  const at = (changed: Record<string, string>) => writeAddress(room, { ...query, ...changed })
  const [paused, setPaused] = useState<FeedEvent[] | null>(null)
  const wanted = (paused ?? events).filter(
    (event) => (name === '' || event.event === name) && (text === '' || JSON.stringify(event).includes(text)),
  )
  const shown = wanted.slice(0, limit)
  const newestSeen = paused?.[0] === undefined ? -1 : events.indexOf(paused[0])
  const missed = paused === null ? 0 : newestSeen === -1 ? events.length : newestSeen
  return html`
    <section aria-labelledby="events">
      <h2 id="events">${session === undefined ? 'Live, of all sessions' : 'Live events'}</h2>
      <div class="row">
        ${
          limit === undefined &&
          html`
          <label for="event-name" class="visually-hidden">Event</label>
          <select id="event-name" value=${name} onChange=${(event: Event) => location.replace(at({ event: (event.target as HTMLSelectElement).value }))}>
            <option value="">all events</option>
            ${facts.events.map((one) => html`<option value=${one.name}>${one.name}</option>`)}
          </select>
          <${SearchBox} id="event-text" value=${text} label="Events that contain" placeholder="Contains …" addressOf=${(typed: string) => at({ contains: typed })} />`
        }
        <button type="button" aria-pressed=${paused !== null} onClick=${() => setPaused(paused === null ? events : null)}>
          ${paused === null ? 'Pause' : `Go on${missed > 0 ? ` (${missed} new)` : ''}`}
        </button>
        ${wanted.length > 0 && html`<${CopyButton} text=${wanted.map((event) => JSON.stringify(event)).join('\n')} label="Copy all" />`}
      </div>
      ${shown.length === 0 && events.length > 0 && html`<p class="soft">None of the ${events.length} events is like that.</p>`}
      ${events.length === 0 && html`<p class="soft">What happens from now on is shown here. A program reads it with <code>GET /events</code> or a webhook.</p>`}
      <ol class="events">
        ${shown.map((event) => html`<${EventItem} key=${`${event.sessionId} ${event.id}`} event=${event} isNamed=${session === undefined} />`)}
      </ol>
      ${limit !== undefined && html`<p><a href=${at({})}>All events since this page was opened</a></p>`}
    </section>`
}

/** One event; all of it is written out where somebody opens it, since there may be hundreds. */
function EventItem({ event, isNamed }: { event: FeedEvent; isNamed: boolean }): VNode {
  const [isOpen, setOpen] = useState(false)
  const { sessionId, timestamp, event: name } = event
  return html`
    <li>
      <details onToggle=${({ currentTarget }: Event) => setOpen((currentTarget as HTMLDetailsElement).open)}>
        <summary><${TimeOfDay} at=${timestamp} /> ${isNamed && html`<span>${sessionId}</span>${' '}`}<b>${name}</b> <span class="soft">${gistOf(event)}</span></summary>
        ${
          isOpen &&
          html`
          <pre tabindex="0" aria-label=${`Event ${event.id}`}>${JSON.stringify(event, null, 2)}</pre>
          <p class="row"><${CopyButton} text=${JSON.stringify(event)} />
            ${isNamed && html`<a class="button small" href=${writeAddress(['sessions', sessionId])}>To the session</a>`}</p>`
        }
      </details>
    </li>`
}

/** Of a text so much is shown before its event is opened. */
const GIST_LENGTH = 100

/** What tells one event from the next of its name, on a line or two. */
function gistOf({ data }: FeedEvent): string {
  const told = [data.status, data.reason, data.ackName, data.type, data.text, data.chatId]
  return told
    .filter((one): one is string => typeof one === 'string' && one !== '')
    .map((one) => (one.length > GIST_LENGTH ? `${one.slice(0, GIST_LENGTH)}…` : one))
    .join(' · ')
}
