import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import { html } from '../../../gateway/src/dashboard/page/html.ts'
import type { Act } from './chat.ts'
import type { PhoneGroup } from './control-client.ts'

interface ChatActsProps {
  phone: string
  chat: string
  /** Who acts. */
  by: string
  group: PhoneGroup | undefined
  isArchived: boolean
  act: Act
}

/** What can be done in a chat beside writing. */
export function ChatActs({ phone, chat, by, group, isArchived, act }: ChatActsProps): VNode {
  const button = (label: string, path: string, body: object) =>
    html`<button type="button" class="small" onClick=${() => act(path, body)}>${label}</button>`
  const change = (what: object) => ({ account: phone, chat, change: what })
  const shows = (type: string) => ({ account: phone, from: chat, type })
  return html`
    <details open>
      <summary>More that can happen</summary>
      <p class="row"><span class="soft">On this phone</span>
        ${isArchived ? button('Unarchive', '/chats', change({ archived: false })) : button('Archive', '/chats', change({ archived: true }))}
        ${button('Mark unread', '/chats', change({ unread: true }))}
        ${button('Mark read', '/chats', change({ unread: false }))}
        ${button('Delete the chat', '/chats', change({ removed: true }))}
      </p>
      ${
        group === undefined
          ? html`
          <p class="row"><span class="soft">By +${chat}</span>
            ${button('Types', '/presence', shows('typing'))}
            ${button('Records', '/presence', shows('recording_audio'))}
            ${button('Is online', '/presence', shows('available'))}
            ${button('Goes offline', '/presence', shows('unavailable'))}
            ${button('Calls', '/calls', { account: phone, from: chat })}
            ${button('Calls with video', '/calls', { account: phone, from: chat, isVideo: true })}
          </p>`
          : html`<${GroupActs} key=${group.subject} group=${group} by=${by} act=${act} />`
      }
    </details>`
}

function GroupActs({ group, by, act }: { group: PhoneGroup; by: string; act: Act }): VNode {
  const [number, setNumber] = useState('')
  const [subject, setSubject] = useState(group.subject)
  const { id, members } = group
  const onMember = (action: string) => () =>
    act('/groups/members', { group: id, by, action, numbers: [number.replaceAll(/\D/g, '')] })
  return html`
    <p class="soft">${Object.entries(members)
      .map(([one, role]) => `+${one}${role === 'member' ? '' : ` (${role})`}`)
      .join(', ')}</p>
    <p class="row"><span class="soft">By +${by}</span>
      <input class="small" aria-label="Number of a member" placeholder="Number" size="14" value=${number} onInput=${(event: InputEvent) => setNumber((event.target as HTMLInputElement).value)} />
      ${['add', 'remove', 'promote', 'demote'].map((action) => html`<button type="button" class="small" disabled=${number === ''} onClick=${onMember(action)}>${action}</button>`)}
    </p>
    <p class="row">
      <input class="small" aria-label="Subject" value=${subject} onInput=${(event: InputEvent) => setSubject((event.target as HTMLInputElement).value)} />
      <button type="button" class="small" onClick=${() => act('/groups/change', { group: id, by, subject })}>Rename</button>
      <button type="button" class="small" onClick=${() => act('/groups/leave', { group: id, by })}>Leave the group</button>
    </p>`
}
