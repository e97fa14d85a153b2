import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import { writeAddress } from '../../address.ts'
import type { FeedEvent } from '../../api/follow-events.ts'
import { useApp } from '../../context.ts'
import { CopyButton } from '../../parts/copy-button.ts'
import { html } from '../../parts/html.ts'
import { Time } from '../../parts/time.ts'

interface EventsProps {
  sessionId: string
  /** The newest first. */
  events: FeedEvent[]
  /** How many are shown; absent for all that are kept. */
  limit?: number
}

/** Events since this page was opened, as they happen. */
export function Events({ sessionId, events, limit }: EventsProps): VNode {
  const { facts } = useApp()
  const [name, setName] = useState('')
  const [text, setText] = useState('')
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
        <label for="event-name">Event</label>
        <select id="event-name" value=${name} onChange=${(event: Event) => setName((event.target as HTMLSelectElement).value)}>
          <option value="">all</option>
          ${facts.events.map((one) => html`<option value=${one.name}>${one.name}</option>`)}
        </select>
        <label for="event-text">Contains</label>
        <input id="event-text" type="search" autocomplete="off" value=${text}
          onInput=${(event: InputEvent) => setText((event.target as HTMLInputElement).value)} />
        <button type="button" aria-pressed=${paused !== null} onClick=${() => setPaused(paused === null ? events : null)}>
          ${paused === null ? 'Pause' : `Go on${missed > 0 ? ` (${missed} new)` : ''}`}
        </button>
        <${CopyButton} text=${wanted.map((event) => JSON.stringify(event)).join('\n')} label="Copy all" />
      </div>
      ${shown.length === 0 && html`<p class="soft">What happens from now on is shown here. A program reads it with <code>GET /events</code> or a webhook.</p>`}
      <ol class="events">
        ${shown.map(
          (event) => html`
            <li key=${event.id}>
              <details>
                <summary><${Time} at=${event.timestamp} /> <b>${event.event}</b> <span class="soft">${gistOf(event)}</span></summary>
                <pre tabindex="0" aria-label=${`Event ${event.id}`}>${JSON.stringify(event, null, 2)}</pre>
                <${CopyButton} text=${JSON.stringify(event)} />
              </details>
            </li>`,
        )}
      </ol>
      ${limit !== undefined && html`<p><a href=${writeAddress(['sessions', sessionId, 'events'])}>All events since this page was opened</a></p>`}
    </section>`
}

/** What tells one event from the next of its name, on one line. */
function gistOf({ data }: FeedEvent): string {
  const told = [data.status, data.reason, data.ackName, data.type, data.text, data.chatId]
  return told.filter((one) => typeof one === 'string' && one !== '').join(' · ')
}
