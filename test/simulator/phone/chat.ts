import type { VNode } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { ProblemNotice } from '../../../gateway/src/dashboard/page/components/problem-notice.ts'
import { type Action, useAction } from '../../../gateway/src/dashboard/page/hooks/use-action.ts'
import { html } from '../../../gateway/src/dashboard/page/html.ts'
import { ChatActs } from './chat-acts.ts'
import { isGroup, type ShownMessage } from './chats.ts'
import { Composer } from './composer.ts'
import { controlClient, type PhoneGroup, type PhoneKinds } from './control-client.ts'
import { MessageItem } from './message-item.ts'

interface ChatProps {
  phone: string
  /** A number, or the id of a group. */
  chat: string | undefined
  group: PhoneGroup | undefined
  messages: ShownMessage[]
  kinds: PhoneKinds
  isArchived: boolean
  onChange: () => void
}

/** Does what somebody in the chat does on a phone. */
export type Act = (path: string, body: object) => void

/** One chat. Whoever is in it may act: its other side has no page of its own open. */
export function Chat({ phone, chat, group, messages, kinds, isArchived, onChange }: ChatProps): VNode {
  const [by, setBy] = useState(phone)
  const action = useAction()
  const list = useRef<HTMLOListElement>(null)
  const newest = messages.at(-1)?.id
  useEffect(() => list.current?.scrollTo({ top: list.current.scrollHeight }), [newest])
  useEffect(() => {
    if (chat !== undefined && !isGroup(chat) && messages.some(({ from }) => from === chat))
      void controlClient.act('/read', { account: phone, from: chat }).catch(() => {})
  }, [newest])
  if (chat === undefined)
    return html`
      <section aria-labelledby="chat-title"><h2 id="chat-title">No chat open</h2>
        <p class="soft">Open one, or give the number to write to.</p></section>`
  const act: Act = (path, body) => actOf(action, path, body, onChange)
  const others = group === undefined ? [chat] : Object.keys(group.members).filter((one) => one !== phone)
  return html`
    <section aria-labelledby="chat-title" class="chat">
      <div class="row">
        <h2 id="chat-title">${group === undefined ? `Chat with +${chat}` : group.subject}</h2>
        <span class="row end">
          <label for="by">Who acts</label>
          <select id="by" value=${by} onChange=${(event: Event) => setBy((event.target as HTMLSelectElement).value)}>
            <option value=${phone}>this phone, +${phone}</option>
            ${others.map((one) => html`<option value=${one}>+${one}</option>`)}
          </select>
        </span>
      </div>
      <ol id="messages" tabindex="0" aria-live="polite" aria-label="Messages" ref=${list}>
        ${messages.map((message) => html`<${MessageItem} key=${message.id} message=${message} phone=${phone} by=${by} act=${act} />`)}
      </ol>
      ${messages.length === 0 && html`<p class="soft">Nothing was written yet.</p>`}
      <${ProblemNotice} problem=${action.problem} />
      <${Composer} phone=${phone} chat=${chat} by=${by} kinds=${kinds} onSent=${onChange} />
      <${ChatActs} phone=${phone} chat=${chat} by=${by} group=${group} isArchived=${isArchived} act=${act} />
    </section>`
}

function actOf(action: Action, path: string, body: object, onChange: () => void): void {
  void action.run(async () => {
    await controlClient.act(path, body)
    onChange()
  })
}
