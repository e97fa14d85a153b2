import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import { writeAddress } from '../../../gateway/src/dashboard/page/address.ts'
import { ProblemNotice } from '../../../gateway/src/dashboard/page/components/problem-notice.ts'
import { useAction } from '../../../gateway/src/dashboard/page/hooks/use-action.ts'
import { html } from '../../../gateway/src/dashboard/page/html.ts'
import { isGroup, type ShownMessage } from './chats.ts'
import { controlClient, type PhoneGroup } from './control-client.ts'

interface ChatListProps {
  phone: string
  /** The chat that is shown. */
  open: string | undefined
  chats: Map<string, ShownMessage[]>
  groups: PhoneGroup[]
}

/** The chats of a phone, the one written in last first, and the ways to begin another. */
export function ChatList({ phone, open, chats, groups }: ChatListProps): VNode {
  const [peer, setPeer] = useState('')
  const own = groups.filter(({ members }) => phone in members)
  const silent = own.filter(({ id }) => !chats.has(id)).map(({ id }) => id)
  const names = new Map(own.map(({ id, subject }) => [id, subject]))
  const all = [...silent, ...chats.keys()].toReversed()
  const submit = (event: Event) => {
    event.preventDefault()
    location.hash = writeAddress([phone, peer.replaceAll(/\D/g, '')])
    setPeer('')
  }
  return html`
    <section aria-labelledby="chats-title">
      <h2 id="chats-title">Chats</h2>
      <form class="row" onSubmit=${submit}>
        <label for="peer" class="visually-hidden">Number to write to</label>
        <input id="peer" inputmode="numeric" autocomplete="off" required pattern="\\+?[0-9 ]{6,20}" size="14" placeholder="Number" list="phones"
          title="Digits, country code first" value=${peer} onInput=${(event: InputEvent) => setPeer((event.target as HTMLInputElement).value)} />
        <button type="submit">Open chat</button>
      </form>
      ${all.length === 0 && html`<p class="soft">No chats yet.</p>`}
      <ul class="chats">
        ${all.map(
          (chat) => html`
            <li key=${chat}><a href=${writeAddress([phone, chat])} aria-current=${chat === open ? 'true' : null}>
              <b>${isGroup(chat) ? names.get(chat) : `+${chat}`}</b>
              <span class="soft">${chats.get(chat)?.at(-1)?.text}</span></a></li>`,
        )}
      </ul>
      <${NewGroup} phone=${phone} />
    </section>`
}

function NewGroup({ phone }: { phone: string }): VNode {
  const [subject, setSubject] = useState('')
  const [members, setMembers] = useState('')
  const { run, isRunning, problem } = useAction()
  const submit = (event: Event) => {
    event.preventDefault()
    void run(async () => {
      const numbers = members.match(/\d{6,20}/g) ?? []
      const { group } = await controlClient.act<{ group: PhoneGroup }>('/groups', {
        ...{ owner: phone, subject, members: numbers },
      })
      location.hash = writeAddress([phone, group.id])
    })
  }
  return html`
    <details>
      <summary>New group</summary>
      <form class="stack" onSubmit=${submit}>
        <label for="subject">Subject</label>
        <input id="subject" required maxlength="100" autocomplete="off" value=${subject} onInput=${(event: InputEvent) => setSubject((event.target as HTMLInputElement).value)} />
        <label for="members">Members, besides this phone</label>
        <textarea id="members" rows="2" placeholder="One number a line" value=${members} onInput=${(event: InputEvent) => setMembers((event.target as HTMLTextAreaElement).value)}></textarea>
        <div class="row"><button type="submit" disabled=${isRunning}>Make the group</button></div>
        <${ProblemNotice} problem=${problem} />
      </form>
    </details>`
}
