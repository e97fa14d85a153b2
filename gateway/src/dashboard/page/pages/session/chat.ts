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
import { useReloadOn } from '../../hooks/use-reload-on.ts'
import { useSend } from '../../hooks/use-send.ts'
import { html } from '../../html.ts'

const SHOWN = 50

interface ChatProps {
  session: string
  id: string
  /** As the list has it; absent where it is on another page of the list. */
  chat: OperationOutput<'chat.get'> | undefined
  /** The address of all chats. */
  back: string
  /** The newest event: with another one the messages are read again. */
  newest: string | undefined
  onChange: () => void
}

/** The latest messages of one chat, the newest at the end, and an answer to it. */
export function Chat({ session, id, chat, back, newest, onChange }: ChatProps): VNode {
  const { api, may } = useApp()
  const path = `/chats/${encodeURIComponent(id)}`
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
  useReloadOn(newest, history.reload)
  const send = useSend(session)
  const [text, setText] = useState('')
  const [sent, setSent] = useState<SendAnswer | null>(null)
  const { run, isRunning, problem } = useAction()
  const submit = (event: Event) => {
    event.preventDefault()
    void run(async () => {
      setSent(await send({ to: id, message: text }))
      setText((now) => (now === text ? '' : now))
      history.reload()
    })
  }
  const markRead = () =>
    void run(async () => {
      await api.ask(`${path}/seen`, { method: 'POST', session })
      onChange()
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
      <h2 id="chat">${chat?.name || id} ${chat?.name && html`<small class="soft">${id}</small>`}</h2>
      <${ProblemNotice} problem=${history.problem} />
      ${history.data?.nextCursor != null && html`<p class="soft">The latest ${SHOWN}. <code>GET /chats/:chatId/messages</code> has those before.</p>`}
      <ol class="conversation" tabindex="0" aria-label="Messages" ref=${conversation}>${messages.map((message) => html`<${Bubble} key=${message.messageId} message=${message} />`)}</ol>
      ${
        may('sender') &&
        html`
        <form class="stack" onSubmit=${submit}>
          <label for="answer">Answer</label>
          <textarea id="answer" required rows="2" value=${text} onInput=${(event: InputEvent) => setText((event.target as HTMLTextAreaElement).value)}></textarea>
          <div class="row">
            <button type="submit" class="primary" disabled=${isRunning}>Send</button>
            ${(chat?.unreadCount ?? 0) > 0 && html`<button type="button" disabled=${isRunning} onClick=${markRead}>Mark as read</button> <span class="soft">Its writers see that.</span>`}
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
