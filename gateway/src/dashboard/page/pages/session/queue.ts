import type { VNode } from 'preact'
import { useEffect } from 'preact/hooks'
import type { QueueAnswer } from '../../../../messages/queue-answer.ts'
import type { StatusAnswer } from '../../../../routes/sessions/status.ts'
import { ProblemNotice } from '../../components/problem-notice.ts'
import { formatSpan, Time } from '../../components/time.ts'
import { useApp } from '../../context.ts'
import { Fields } from '../../forms/fields.ts'
import { collectValues, type FormValues } from '../../forms/form-values.ts'
import { useForm } from '../../forms/use-form.ts'
import { useAction } from '../../hooks/use-action.ts'
import { useLoaded } from '../../hooks/use-loaded.ts'
import { html } from '../../html.ts'
import { Messages } from './messages.ts'

const EVERY_MS = 3_000

const LABELS = {
  perMinute: 'Messages a minute',
  chatGapMs: 'Pause within a chat (ms)',
  jitterMs: 'Random pause on top (ms)',
  typingMs: 'Typing shown (ms)',
  dailyCap: 'Messages a day',
  warmUp: 'Warming up a new number',
  overCap: 'Over the daily cap',
}

interface QueueProps {
  status: StatusAnswer
  newest: string | undefined
  onChange: () => void
}

/** What waits to be sent, and how fast it goes out. */
export function Queue({ status, newest, onChange }: QueueProps): VNode {
  const { api, may } = useApp()
  const { sessionId: session } = status
  const queue = useLoaded((signal) => api.ask<QueueAnswer>('/queue', { session, signal }), EVERY_MS, [
    session,
  ])
  useEffect(queue.reload, [newest])
  const { run, isRunning, problem } = useAction()
  const turn = (to: 'pause' | 'resume') => () =>
    void run(async () => {
      await api.ask(`/queue/${to}`, { method: 'POST', session })
      queue.reload()
      onChange()
    })
  const isPaused = queue.data?.paused === true
  return html`
    <section aria-labelledby="queue">
      <h2 id="queue">Queue</h2>
      <${ProblemNotice} problem=${queue.problem} />
      ${queue.data !== null && html`<${Figures} queue=${queue.data} />`}
      <div class="row">
        ${
          may('operator') &&
          html`<button key=${isPaused} type="button" disabled=${isRunning || queue.data === null} onClick=${turn(isPaused ? 'resume' : 'pause')}>
          ${isPaused ? 'Resume' : 'Pause'}
        </button>`
        }
        <span>${isPaused ? 'Nothing is handed to WhatsApp. Messages are accepted, and wait.' : 'Messages go out. Paused, they are accepted and wait, until they expire.'}</span>
      </div>
      <${ProblemNotice} problem=${problem} />
    </section>
    <${Messages} title="Waiting messages" sessionId=${session} query=${{ state: 'queued' }} newest=${newest} limit=${50} />
    <${Pacing} status=${status} onChange=${onChange} />`
}

function Figures({ queue }: { queue: QueueAnswer }): VNode {
  const { waiting, urgent, scheduled, nextDueAt, sending, oldestMs } = queue
  return html`
    <dl>
      <dt>Waiting</dt><dd>${waiting}${urgent > 0 && ` (${urgent} urgent)`}${oldestMs !== null && `, the oldest for ${formatSpan(oldestMs)}`}</dd>
      <dt>Being sent</dt><dd>${sending}</dd>
      <dt>For later</dt><dd>${scheduled}${nextDueAt !== null && html`, the next is due <${Time} at=${nextDueAt} />`}</dd>
    </dl>`
}

function Pacing({ status, onChange }: { status: StatusAnswer; onChange: () => void }): VNode {
  const { api, facts, may } = useApp()
  const { sessionId: session, pacing } = status
  const inForce = JSON.stringify(pacing ?? null)
  const { values, onChange: change, reset } = useForm()
  useEffect(() => reset(asWritten(JSON.parse(inForce) as object | null)), [inForce])
  const { run, isRunning, problem } = useAction()
  const put = (what: () => object | null) =>
    void run(async () => {
      await api.ask('/session', { method: 'PUT', session, body: { pacing: what() } })
      onChange()
    })
  const submit = (event: Event) => {
    event.preventDefault()
    put(() => collectValues(facts.pacing, values))
  }
  return html`
    <section aria-labelledby="pacing">
      <h2 id="pacing">Pacing</h2>
      <p>How fast this session sends, so that its number is not taken for a machine's.
        ${pacing === undefined && ' What is in force is known while a worker runs the session.'}</p>
      <form class="stack two" onSubmit=${submit}>
        <${Fields} id="pacing" fields=${facts.pacing} labels=${LABELS} values=${values} onChange=${change} />
        <div class="row">
          ${!may('admin') && html`<span class="soft">To change it takes a token with the role admin.</span>`}
          <button type="submit" class="primary" disabled=${isRunning || !may('admin')}>Set for this session</button>
          <button type="button" disabled=${isRunning || !may('admin')} onClick=${() => put(() => null)}>As configured for all</button>
        </div>
      </form>
      <p role="status">${isRunning && 'Under way …'}</p>
      <${ProblemNotice} problem=${problem} />
    </section>`
}

/** Values as the inputs show them. */
function asWritten(pacing: object | null, prefix = ''): FormValues {
  return Object.assign(
    {},
    ...Object.entries(pacing ?? {}).map(([name, value]) =>
      typeof value === 'object' ? asWritten(value, `${name}.`) : { [`${prefix}${name}`]: String(value) },
    ),
  ) as FormValues
}
