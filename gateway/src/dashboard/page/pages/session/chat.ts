import type { MessageData } from '@wsg/shared/events/message-data.ts'
import type { OperationOutput } from '@wsg/shared/operations/operations.ts'
import type { VNode } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { SendAnswer } from '../../../../messages/message-answer.ts'
import { writeAddress } from '../../address.ts'
import { ProblemNotice } from '../../components/problem-notice.ts'
import { TimeOfDay } from '../../components/time.ts'
import { useApp } from '../../context.ts'
import { useAction } from '../../hooks/use-action.ts'
import { useLoaded } from '../../hooks/use-loaded.ts'
import { html } from '../../html.ts'

const SHOWN = 50

interface ChatProps {
  session: string
  id: string
  /** The address of all chats. */
  back: string
  newest: string | undefined
}

/** The latest messages of one chat, the newest at the end, and an answer to it. */
export function Chat({ session, id, back, newest }: ChatProps): VNode {
  const { api, may } = useApp()
  const path = `/chats/${encodeURIComponent(id)}`
  const chat = useLoaded((signal) => api.ask<OperationOutput<'chat.get'>>(path, { session, signal }), null, [
    path,
  ])
  const history = useLoaded(
    (signal) =>
      api.ask<OperationOutput<'chat.history'>>(`${path}/messages`, {
        session,
        query: { limit: SHOWN },
        signal,
      }),
    null,
    [path],
  )
  useEffect(() => {
    chat.reload()
    history.reload()
  }, [newest])
  const [text, setText] = useState('')
  const [sent, setSent] = useState<SendAnswer | null>(null)
  const { run, isRunning, problem } = useAction()
  const send = (event: Event) => {
    event.preventDefault()
    void run(async () => {
      setSent(await api.ask('/send', { method: 'POST', session, body: { to: id, message: text } }))
      setText('')
      history.reload()
    })
  }
  const markRead = () =>
    void run(async () => {
      await api.ask(`${path}/seen`, { method: 'POST', session })
      chat.reload()
    })
  const messages = history.data?.items.toReversed() ?? []
  const conversation = useRef<HTMLOListElement>(null)
  const last = messages.at(-1)?.messageId
  useEffect(() => {
    conversation.current?.scrollTo({ top: conversation.current.scrollHeight })
  }, [last])
  return html`
    <section aria-labelledby="chat">
      <p class="path"><a href=${back}>All chats</a></p>
      <h2 id="chat">${chat.data?.name || id} ${chat.data?.name && html`<small class="soft">${id}</small>`}</h2>
      <${ProblemNotice} problem=${chat.problem ?? history.problem} />
      ${history.data?.nextCursor != null && html`<p class="soft">The latest ${SHOWN}. <code>GET /chats/:chatId/messages</code> has those before.</p>`}
      <ol class="conversation" tabindex="0" aria-label="Messages" ref=${conversation}>${messages.map((message) => html`<${Bubble} key=${message.messageId} message=${message} />`)}</ol>
      ${
        may('sender') &&
        html`
        <form class="stack" onSubmit=${send}>
          <label for="answer">Answer</label>
          <textarea id="answer" required rows="2" value=${text} onInput=${(event: InputEvent) => setText((event.target as HTMLTextAreaElement).value)}></textarea>
          <div class="row">
            <button type="submit" class="primary" disabled=${isRunning}>Send</button>
            ${(chat.data?.unreadCount ?? 0) > 0 && html`<button type="button" disabled=${isRunning} onClick=${markRead}>Mark as read</button> <span class="soft">Its writers see that.</span>`}
          </div>
        </form>`
      }
      <div role="status">
        ${sent?.status === 'queued' && html`<p><a href=${writeAddress(['sessions', session, 'messages', sent.id])}>It is accepted</a>, and waits for its turn.</p>`}
      </div>
      <${ProblemNotice} problem=${problem} />
    </section>`
}

const ACKS: Readonly<Record<number, string>> = {
  [-1]: 'failed',
  0: 'waiting',
  1: 'sent',
  2: 'delivered',
  3: 'read',
  4: 'played',
}

function Bubble({ message }: { message: MessageData }): VNode {
  const { fromMe, author, from, type, text, media, poll, quoted, timestamp, ack } = message
  const said = poll?.question ?? text
  return html`
    <li class=${fromMe ? 'mine' : ''}>
      ${author !== undefined && html`<b>${from.pushName ?? author}</b>`}
      ${quoted !== undefined && html`<blockquote class="soft">${quoted.text || quoted.type}</blockquote>`}
      ${type !== 'text' && html`<p class="soft">${type} ${media?.filename}</p>`}
      ${said && html`<p>${said}</p>`}
      ${poll !== undefined && html`<ul>${poll.options.map((option) => html`<li>${option}</li>`)}</ul>`}
      <p class="hint"><${TimeOfDay} at=${timestamp} /> ${fromMe && ACKS[ack]}</p>
    </li>`
}
