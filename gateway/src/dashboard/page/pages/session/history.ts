import type { VNode } from 'preact'
import type { StatusAnswer } from '../../../../routes/sessions/status.ts'
import { Time } from '../../components/time.ts'
import { html } from '../../html.ts'

/** What happened to a session, the newest first. */
export function History({ history }: { history: NonNullable<StatusAnswer['history']> }): VNode {
  return html`
    <section aria-labelledby="history">
      <h2 id="history">History</h2>
      ${history.length === 0 && html`<p class="soft">Nothing yet.</p>`}
      <ol class="history" reversed>
        ${history.map(
          ({ at, event, message, detail }) => html`
            <li><${Time} at=${at} /> <b>${event}</b> ${message} ${detail !== undefined && html`<span class="soft">(${detail})</span>`}</li>`,
        )}
      </ol>
    </section>`
}
