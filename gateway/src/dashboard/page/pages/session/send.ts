import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import type { SendAnswer } from '../../../../messages/message-answer.ts'
import { Api } from '../../api/api.ts'
import { useApp } from '../../context.ts'
import { CopyButton } from '../../parts/copy-button.ts'
import { curlLine } from '../../parts/curl-line.ts'
import { html } from '../../parts/html.ts'
import { ProblemNotice } from '../../parts/problem-notice.ts'
import { StateBadge } from '../../parts/state-badge.ts'
import { useAction } from '../../parts/use-action.ts'

/** Sends a message, and shows the line of curl that does the same. */
export function Send({ sessionId: session }: { sessionId: string }): VNode {
  const { api } = useApp()
  const [to, setTo] = useState('')
  const [text, setText] = useState('')
  const [answer, setAnswer] = useState<SendAnswer | null>(null)
  const { run, isRunning, problem } = useAction()
  const body = { to, message: text }
  const line = curlLine({ method: 'POST', url: `${Api.base}/send`, session, body })
  const submit = (event: Event) => {
    event.preventDefault()
    setAnswer(null)
    void run(async () => setAnswer(await api.ask('/send', { method: 'POST', session, body })))
  }
  return html`
    <section aria-labelledby="send">
      <h2 id="send">Send a message</h2>
      <form class="stack" onSubmit=${submit}>
        <label for="to">To</label>
        <input id="to" required autocomplete="off" placeholder="Phone with country code, or a chat id" value=${to}
          onInput=${(event: InputEvent) => setTo((event.target as HTMLInputElement).value)} />
        <label for="message">Message</label>
        <textarea id="message" required rows="3" value=${text}
          onInput=${(event: InputEvent) => setText((event.target as HTMLTextAreaElement).value)}></textarea>
        <div class="row"><button type="submit" class="primary" disabled=${isRunning}>Send</button></div>
      </form>
      <div role="status">
        ${isRunning && html`<p>On its way …</p>`}
        ${answer !== null && html`<p><${StateBadge} state=${answer.status} /> <code>${answer.id}</code></p>`}
      </div>
      <${ProblemNotice} problem=${problem} />
      <details open>
        <summary>The same with curl</summary>
        <pre tabindex="0" aria-label="curl line">${line}</pre>
        <${CopyButton} text=${line} label="Copy the curl line" />
      </details>
    </section>`
}
