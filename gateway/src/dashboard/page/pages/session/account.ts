import type { VNode } from 'preact'
import type { StatusAnswer } from '../../../../routes/sessions/status.ts'
import { Bar } from '../../components/bar.ts'
import { Ago, formatSpan, Time } from '../../components/time.ts'
import { html } from '../../html.ts'

/** What is known of a session and of its account. */
export function Account({ status }: { status: StatusAnswer }): VNode {
  const { phone, pushName, lid, connectedAt, updatedAt, worker, memoryMb, memoryLimitMb } = status
  const { messageCount, lastAckAt, queue, history, restriction, degraded, engine, nextAttemptAt, proxy } =
    status
  // A session that is in no state of its own for long has its last happening to tell.
  const since = status.status === 'ready' ? connectedAt : history?.[0]?.at
  const memory =
    memoryMb === undefined
      ? null
      : `${Math.round(memoryMb)}${memoryLimitMb === undefined ? '' : ` of ${Math.round(memoryLimitMb)}`} MB`
  const waits =
    queue === undefined
      ? null
      : `${queue.waiting} waiting${queue.oldestMs === null ? '' : `, the oldest for ${formatSpan(queue.oldestMs)}`}${queue.paused ? ', paused' : ''}`
  return html`
    <section aria-labelledby="account">
      <h2 id="account">About this session</h2>
      ${
        restriction !== undefined &&
        html`
        <div class="notice bad">
          <p><b>WhatsApp restricts this account (${restriction.kind})</b> since <${Time} at=${restriction.since} />. ${restriction.meaning}</p>
          ${restriction.until !== undefined && html`<p>Tried again: <${Time} at=${restriction.until} /></p>`}
        </div>`
      }
      ${
        degraded !== undefined &&
        html`<p class="notice bad">Sends stay without an ack since <${Time} at=${degraded.since} />, though WhatsApp says that it is connected.</p>`
      }
      <dl>
        <dt>In this state</dt><dd>since <${Time} at=${since} /></dd>
        ${nextAttemptAt !== undefined && html`<dt>Next attempt</dt><dd><${Time} at=${nextAttemptAt} /></dd>`}
        <dt>Phone</dt><dd>${phone === undefined ? 'not linked' : `+${phone}`} ${pushName}</dd>
        ${lid !== undefined && html`<dt>LID</dt><dd>${lid}</dd>`}
        <dt>Worker</dt><dd>${worker ?? 'none'}${worker !== undefined && html`, last heard <${Ago} at=${updatedAt} />`}</dd>
        <dt>Memory</dt><dd>${memory ?? '–'} <${Bar} value=${memoryMb} most=${memoryLimitMb} /></dd>
        <dt>Queue</dt><dd>${waits ?? '–'} ${queue?.heldUntil !== undefined && html`, held by the daily cap until <${Time} at=${queue.heldUntil} />`}</dd>
        ${proxy !== undefined && html`<dt>Proxy</dt><dd>${proxy}</dd>`}
        <dt>Messages</dt><dd>${messageCount ?? 0}</dd>
        <dt>Last ack</dt><dd><${Ago} at=${lastAckAt} /></dd>
        ${
          engine !== undefined &&
          html`
          <dt>Page version</dt><dd>${engine.page}</dd>
          <dt>Library</dt><dd>${engine.library}</dd>
          <dt>Missing parts</dt><dd>${engine.missing.length === 0 ? 'nothing' : html`<${Missing} missing=${engine.missing} />`}</dd>`
        }
      </dl>
    </section>`
}

function Missing({ missing }: { missing: { name: string; concerns: string[] }[] }): VNode {
  return html`<ul>${missing.map(({ name, concerns }) => html`<li><code>${name}</code>: ${concerns.join(', ')}</li>`)}</ul>`
}
