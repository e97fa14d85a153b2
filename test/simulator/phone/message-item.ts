import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import { html } from '../../../gateway/src/dashboard/page/html.ts'
import type { Act } from './chat.ts'
import { isNotice, type ShownMessage } from './chats.ts'

const ACKS: Readonly<Record<number, string>> = {
  0: 'sent, not acked',
  1: '✓ at the server',
  2: '✓✓ delivered',
  3: '✓✓ read',
}
const EMOJI = ['👍', '❤️', '😂']

interface MessageItemProps {
  message: ShownMessage
  phone: string
  /** Who acts. */
  by: string
  act: Act
}

/** One message, with what `by` may do about it. */
export function MessageItem({ message, phone, by, act }: MessageItemProps): VNode {
  const { id, from, at, ack, text, quoted, isRevoked, isEdited, reactions } = message
  const isMine = from === phone
  const time = new Date(at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })
  const acked = isMine ? ` · ${ACKS[ack] ?? `ack ${ack}`}` : ''
  const emoji = Object.values(reactions).join(' ')
  const path = `/messages/${encodeURIComponent(id)}`
  return html`
    <li class=${isMine ? 'mine' : ''}>
      <p class=${isRevoked ? 'soft' : ''}>${isRevoked ? 'Deleted for everyone' : text}</p>
      ${quoted !== undefined && html`<blockquote>${quoted.body}</blockquote>`}
      <${Poll} message=${message} by=${by} act=${act} />
      <small>${time}${acked}${isEdited && ' · edited'} ${emoji !== '' && html`<span aria-label="Reactions">${emoji}</span>`}</small>
      ${
        !isRevoked &&
        !isNotice(message) &&
        html`
        <details class="acts">
          <summary>React, edit, delete</summary>
          <div class="row">
            ${EMOJI.map((one) => html`<button type="button" class="small" aria-label=${`React with ${one}`} onClick=${() => act(`${path}/reaction`, { by, emoji: one })}>${one}</button>`)}
            ${reactions[by] !== undefined && html`<button type="button" class="small" onClick=${() => act(`${path}/reaction`, { by, emoji: '' })}>Take the reaction back</button>`}
            ${from === by && message.type === 'chat' && html`<${Edit} text=${text} onEdit=${(body: string) => act(`${path}/edit`, { by, body })} />`}
            <button type="button" class="small danger" onClick=${() => act(`${path}/revoke`, { by })}>Delete for everyone</button>
          </div>
        </details>`
      }
    </li>`
}

function Edit({ text, onEdit }: { text: string; onEdit: (body: string) => void }): VNode {
  const [body, setBody] = useState(text)
  const submit = (event: Event) => {
    event.preventDefault()
    onEdit(body)
  }
  return html`
    <form class="row" onSubmit=${submit}>
      <input class="small" aria-label="New text" required value=${body} onInput=${(event: InputEvent) => setBody((event.target as HTMLInputElement).value)} />
      <button type="submit" class="small">Edit</button>
    </form>`
}

function Poll({ message, by, act }: Pick<MessageItemProps, 'message' | 'by' | 'act'>): VNode | null {
  const { id, extras, votes } = message
  const options = extras?.pollOptions
  if (options === undefined) return null
  const mine = votes[by] ?? []
  const toggled = (localId: number) =>
    mine.includes(localId) ? mine.filter((one) => one !== localId) : [...mine, localId]
  const vote = (localId: number) => {
    const chosen = toggled(localId)
    const names = options.filter((option) => chosen.includes(option.localId)).map(({ name }) => name)
    act(`/messages/${encodeURIComponent(id)}/vote`, { by, options: names })
  }
  const countOf = (localId: number) =>
    Object.values(votes).filter((chosen) => chosen.includes(localId)).length
  return html`
    <ul class="options">
      ${options.map(
        ({ name, localId }) => html`
          <li><button type="button" class="small" aria-pressed=${mine.includes(localId)} onClick=${() => vote(localId)}>${name}</button> ${countOf(localId)}</li>`,
      )}
    </ul>`
}
