import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import { ProblemNotice } from '../../components/problem-notice.ts'
import { useApp } from '../../context.ts'
import { useAction } from '../../hooks/use-action.ts'
import { html } from '../../html.ts'

const SENDER = '5511900000001'

/** In the sandbox: a phone that nobody has to hold. */
export function SimulatedPhone({ code, onScanned }: { code: string | null; onScanned: () => void }): VNode {
  const { api } = useApp()
  const [phone, setPhone] = useState(() => `55119${String(Math.random()).slice(2, 10).padEnd(8, '0')}`)
  const { run, isRunning, problem } = useAction()
  const scan = (event: Event) => {
    event.preventDefault()
    void run(async () => {
      await api.ask('/dashboard/simulated-phone/scan', { method: 'POST', body: { qr: code, phone } })
      onScanned()
    })
  }
  return html`
    <form class="notice attention row" onSubmit=${scan}>
      <label for="simulated-phone">Simulated phone</label>
      <input id="simulated-phone" type="tel" required size="16" autocomplete="off" value=${phone}
        onInput=${(event: InputEvent) => setPhone((event.target as HTMLInputElement).value)} />
      <button type="submit" class="primary" disabled=${isRunning || code === null}>Scan with the simulated phone</button>
      <${ProblemNotice} problem=${problem} />
    </form>`
}

/** In the sandbox: the phone of a number, which takes a pairing code. */
export function SimulatedEntry({ code, phone }: { code: string; phone: string }): VNode {
  const { api } = useApp()
  const { run, isRunning, problem } = useAction()
  const enter = () =>
    void run(async () => {
      await api.ask('/dashboard/simulated-phone/scan', { method: 'POST', body: { code, phone } })
    })
  return html`
    <div class="notice attention row">
      <button type="button" class="primary" disabled=${isRunning} onClick=${enter}>Type it on the simulated phone</button>
      <${ProblemNotice} problem=${problem} />
    </div>`
}

/** In the sandbox: somebody who writes to the session, so that there is a message to receive. */
export function SimulatedSender({ account }: { account: string }): VNode {
  const { api } = useApp()
  const [text, setText] = useState('Is this still available?')
  const { run, isRunning, problem } = useAction()
  const write = (event: Event) => {
    event.preventDefault()
    void run(async () => {
      const body = { account, from: SENDER, body: text }
      await api.ask('/dashboard/simulated-phone/write', { method: 'POST', body })
    })
  }
  return html`
    <section aria-labelledby="simulated-sender">
      <h2 id="simulated-sender">Receive a message</h2>
      <form class="notice attention row" onSubmit=${write}>
        <label for="simulated-text">+${SENDER} writes</label>
        <input id="simulated-text" required autocomplete="off" value=${text}
          onInput=${(event: InputEvent) => setText((event.target as HTMLInputElement).value)} />
        <button type="submit" disabled=${isRunning}>Let it write</button>
        <${ProblemNotice} problem=${problem} />
      </form>
      <p class="soft">It comes as the event <code>message</code>, below.</p>
    </section>`
}
