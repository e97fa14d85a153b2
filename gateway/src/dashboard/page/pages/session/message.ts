import type { OperationOutput } from '@wsg/shared/operations/operations.ts'
import type { VNode } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { MessageAnswer } from '../../../../messages/message-answer.ts'
import { writeAddress } from '../../address.ts'
import { CopyButton } from '../../components/copy-button.ts'
import { ProblemNotice } from '../../components/problem-notice.ts'
import { Time } from '../../components/time.ts'
import { useApp } from '../../context.ts'
import { useAction } from '../../hooks/use-action.ts'
import { useLoaded } from '../../hooks/use-loaded.ts'
import { html } from '../../html.ts'
import { MessageTable } from './messages.ts'

const EVERY_MS = 5_000

interface MessageProps {
  sessionId: string
  /** Ours, or WhatsApp's full one. */
  id: string
  /** The newest event: with another one the message is read again. */
  newest: string | undefined
}

/** What became of one message. */
export function Message({ sessionId: session, id, newest }: MessageProps): VNode {
  const { api } = useApp()
  const path = `/messages/${encodeURIComponent(id)}`
  const message = useLoaded((signal) => api.ask<MessageAnswer>(path, { session, signal }), EVERY_MS, [
    session,
    id,
  ])
  useEffect(message.reload, [newest])
  const { data } = message
  const answer = JSON.stringify(data, null, 2)
  return html`
    <section aria-labelledby="message">
      <p class="path"><a href=${writeAddress(['sessions', session, 'messages'])}>All messages</a></p>
      <h2 id="message">One message</h2>
      <${ProblemNotice} problem=${message.problem} />
      ${
        data !== null &&
        html`
        <p>${data.message}</p>
        <${MessageTable} messages=${[data]} onChange=${message.reload} />
        ${data.messageId !== null && html`<${Receipts} key=${id} session=${session} path=${path} />`}
        <details>
          <summary>The answer of <code>GET /messages/${data.id}</code></summary>
          <pre tabindex="0" aria-label="answer">${answer}</pre><${CopyButton} text=${answer} />
        </details>`
      }
    </section>`
}

/** Asked of WhatsApp Web when somebody wants to know. */
function Receipts({ session, path }: { session: string; path: string }): VNode {
  const { api } = useApp()
  const [receipts, setReceipts] = useState<OperationOutput<'message.receipts'> | null>(null)
  const { run, isRunning, problem } = useAction()
  const ask = () =>
    void run(async () => {
      setReceipts(await api.ask(`${path}/receipts`, { session }))
    })
  return html`
    <p class="row"><button type="button" disabled=${isRunning} onClick=${ask}>Who has got it, and read it?</button></p>
    <${ProblemNotice} problem=${problem} />
    <div role="status">
      ${isRunning && html`<p>WhatsApp Web is asked …</p>`}
      ${
        receipts !== null &&
        html`
        <table class="cards">
          <caption class="visually-hidden">Receipts</caption>
          <thead><tr><th scope="col">Who</th><th scope="col">Delivered</th><th scope="col">Read</th><th scope="col">Played</th></tr></thead>
          <tbody>${receipts.items.map(
            ({ phone, lid, deliveredAt, readAt, playedAt }) => html`
              <tr>
                <th scope="row">${phone === undefined ? lid : `+${phone}`}</th>
                <td data-label="Delivered"><${Time} at=${deliveredAt} /></td>
                <td data-label="Read"><${Time} at=${readAt} /></td>
                <td data-label="Played"><${Time} at=${playedAt} /></td>
              </tr>`,
          )}</tbody>
        </table>
        <p class="soft">${receipts.remaining.delivered} have not got it, ${receipts.remaining.read} have not read it.</p>`
      }
    </div>`
}
