import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import { writeAddress } from '../../address.ts'
import type { FeedEvent } from '../../api/follow-events.ts'
import { CopyButton } from '../../components/copy-button.ts'
import { SearchBox } from '../../components/search-box.ts'
import { TimeOfDay } from '../../components/time.ts'
import { useApp } from '../../context.ts'
import { html } from '../../html.ts'

interface EventsProps {
  sessionId: string
  /** The newest first. */
  events: FeedEvent[]
  /** How many are shown, without filters; absent for all that are kept. */
  limit?: number
  /** Of the address: which are shown. */
  query?: Readonly<Record<string, string>>
}

/** Events since this page was opened, as they happen. */
export function Events({ sessionId, events, limit, query = {} }: EventsProps): VNode {
  const { facts } = useApp()
  const { event: name = '', contains: text = '' } = query
  const at = (changed: Record<string, string>) =>
    writeAddress(['sessions', sessionId, 'events'], { ...query, ...changed })
  const [paused, setPaused] = useState<FeedEvent[] | null>(null)
  const wanted = (paused ?? events).filter(
    (event) => (name === '' || event.event === name) && (text === '' || JSON.stringify(event).includes(text)),
  )
  const shown = wanted.slice(0, limit)
  const missed = paused === null ? 0 : events.length - paused.length
  return html`
    <section aria-labelledby="events">
      <h2 id="events">Live events</h2>
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
        ${shown.map(
          (event) => html`
            <li key=${event.id}>
              <details>
                <summary><${TimeOfDay} at=${event.timestamp} /> <b>${event.event}</b> <span class="soft">${gistOf(event)}</span></summary>
                <pre tabindex="0" aria-label=${`Event ${event.id}`}>${JSON.stringify(event, null, 2)}</pre>
                <${CopyButton} text=${JSON.stringify(event)} />
              </details>
            </li>`,
        )}
      </ol>
      ${limit !== undefined && html`<p><a href=${at({})}>All events since this page was opened</a></p>`}
    </section>`
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
