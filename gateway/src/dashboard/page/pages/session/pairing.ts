import type { VNode } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { PairingCodeAnswer } from '../../../../routes/sessions/pairing-code.ts'
import type { StatusAnswer } from '../../../../routes/sessions/status.ts'
import type { QrAnswer } from '../../../../sessions/qr-answer.ts'
import { ProblemNotice } from '../../components/problem-notice.ts'
import { Time } from '../../components/time.ts'
import { useApp } from '../../context.ts'
import { useAction } from '../../hooks/use-action.ts'
import { useLoaded } from '../../hooks/use-loaded.ts'
import { html } from '../../html.ts'
import { SimulatedEntry, SimulatedPhone } from './simulated-phone.ts'

const EVERY_MS = 1_500

/** Whether a code to link a phone with is there, or about to be. */
export function isPairing({ status, reason, phone }: StatusAnswer): boolean {
  if (status === 'waiting_qr') return true
  return (
    status === 'initializing' &&
    phone === undefined &&
    ['waiting_for_worker', 'starting', 'loading'].includes(reason)
  )
}

/** The two ways to link a phone: a QR code, or a code that is typed on the phone. */
export function Pairing({ status, onChange }: { status: StatusAnswer; onChange: () => void }): VNode {
  const { api, facts } = useApp()
  const { sessionId: session } = status
  const qr = useLoaded(
    async (signal) => {
      const answer = await api.ask<QrAnswer>('/qr', { session, query: { wait: 0 }, signal })
      if (answer.status !== status.status) onChange()
      return answer
    },
    EVERY_MS,
    [session, status.status],
  )
  return html`
    <section aria-labelledby="pairing">
      <h2 id="pairing">Link a phone</h2>
      <${ProblemNotice} problem=${qr.problem} />
      ${
        qr.data?.qr == null
          ? html`<p role="status" class="qr-place">${status.message} The QR code is then shown here by itself.</p>`
          : html`
          <div class="row top">
            <img class="qr" src=${qr.data.qr} alt="QR code to scan with WhatsApp" width="264" height="264" />
            <div>
              <ol>
                <li>Open <b>WhatsApp</b> on the phone.</li>
                <li>Android: tap <b>⋮</b>. iPhone: go to <b>Settings</b>.</li>
                <li>Tap <b>Linked devices</b>, then <b>Link a device</b>.</li>
                <li>Point the phone at this code.</li>
              </ol>
              <${Countdown} until=${qr.data.expiresAt} />
            </div>
          </div>
          ${facts.hasSimulatedPhones && html`<${SimulatedPhone} code=${qr.data.code} onScanned=${onChange} />`}`
      }
      <${PairingCode} session=${session} onChange=${onChange} />
      <details>
        <summary>The phone asks for a passkey?</summary>
        <p>A passkey is kept in a person's own browser or phone, and is given there alone: this gateway's browser cannot. Switch
          passkeys off on the phone (<b>WhatsApp → Settings → Account → Passkeys</b>), then scan a new code.</p>
      </details>
    </section>`
}

/** How long the code is still good. Only its last seconds are announced. */
function Countdown({ until }: { until: string | null }): VNode | null {
  const { api } = useApp()
  const [, setTick] = useState(0)
  useEffect(() => {
    const timer = setInterval(() => setTick((tick) => tick + 1), 1_000)
    return () => clearInterval(timer)
  }, [])
  if (until === null) return null
  const seconds = Math.max(0, Math.round((Date.parse(until) - api.now()) / 1_000))
  return html`<p role="timer">${seconds === 0 ? 'The next code comes in a moment.' : html`This code is good for <b>${seconds} s</b>; the next one comes by itself.`}</p>`
}

function PairingCode({ session, onChange }: { session: string; onChange: () => void }): VNode {
  const { api, facts } = useApp()
  const [phoneNumber, setPhoneNumber] = useState('')
  const [answer, setAnswer] = useState<PairingCodeAnswer | null>(null)
  const { run, isRunning, problem } = useAction()
  const submit = (event: Event) => {
    event.preventDefault()
    void run(async () => {
      setAnswer(await api.ask('/pairing-code', { method: 'POST', session, body: { phoneNumber } }))
      onChange()
    })
  }
  return html`
    <details>
      <summary>No camera? Link with a code instead</summary>
      <form class="row" onSubmit=${submit}>
        <label for="pairing-phone">The phone's number, with country code</label>
        <input id="pairing-phone" type="tel" required autocomplete="off" value=${phoneNumber}
          onInput=${(event: InputEvent) => setPhoneNumber((event.target as HTMLInputElement).value)} />
        <button type="submit" disabled=${isRunning}>Get a pairing code</button>
      </form>
      <div role="status">
        ${isRunning && html`<p>WhatsApp is asked for a code …</p>`}
        ${
          answer !== null &&
          (answer.code === null
            ? html`<p>${answer.message}</p>`
            : html`<p>Type this on the phone, in Linked devices → Link a device → <b>Link with phone number instead</b>:</p>
              <p class="pairing-code">${answer.code.slice(0, 4)}-${answer.code.slice(4)}</p>
              ${facts.hasSimulatedPhones && html`<${SimulatedEntry} code=${answer.code} phone=${phoneNumber} />`}
              ${answer.replacesPrevious && html`<p>A code that was given before does not work any more.</p>`}
              <p>Good until <${Time} at=${answer.expiresAt} /></p>`)
        }
      </div>
      <${ProblemNotice} problem=${problem} />
    </details>`
}
