import type { OperationOutput } from '@wsg/shared/operations/operations.ts'
import type { VNode } from 'preact'
import { type Address, writeAddress } from '../../address.ts'
import { Pages } from '../../components/pages.ts'
import { ProblemNotice } from '../../components/problem-notice.ts'
import { SearchBox } from '../../components/search-box.ts'
import { Ago } from '../../components/time.ts'
import { useApp } from '../../context.ts'
import { useLoaded } from '../../hooks/use-loaded.ts'
import { useReloadOn } from '../../hooks/use-reload-on.ts'
import { html } from '../../html.ts'
import { Chat } from './chat.ts'

const PAGE_SIZE = 20

interface ChatsProps {
  sessionId: string
  address: Address
  /** The newest event: with another one the chats are read again. */
  newest: string | undefined
}

/** The chats of a session as WhatsApp Web has them, and one of them beside. */
export function Chats({ sessionId: session, address, newest }: ChatsProps): VNode {
  const { api } = useApp()
  const { name, after } = address.query
  const chosen = address.parts[3]
  const list = useLoaded(
    (signal) =>
      api.ask<OperationOutput<'chat.list'>>('/chats', {
        session,
        query: { name, limit: PAGE_SIZE, cursor: after },
        signal,
      }),
    null,
    [session, name, after],
  )
  useReloadOn(newest, list.reload)
  const at = (query: Record<string, string | undefined>, ...id: string[]) =>
    writeAddress(['sessions', session, 'chats', ...id], { name, ...query })
  const items = list.data?.items
  const next = list.data?.nextCursor ?? null
  return html`
    <div class=${`columns chats ${chosen === undefined ? '' : 'chosen'}`}>
      <section aria-labelledby="chats">
        <h2 id="chats">Chats</h2>
        <${SearchBox} id="chat-name" value=${name} label="Chats by name" placeholder="Name …" addressOf=${(typed: string) => at({ name: typed })} />
        <${ProblemNotice} problem=${list.problem} />
        ${list.problem === null && !items?.length && html`<p class="soft" role="status">${items === undefined ? 'Loading …' : 'None.'}</p>`}
        <ul>
          ${items?.map(
            (chat) => html`
            <li key=${chat.id}>
              <a href=${at({ after }, chat.id)} aria-current=${chat.id === chosen ? 'true' : null}>
                <b>${chat.name || chat.id}</b> ${chat.unreadCount > 0 && html`<span class="badge good">${chat.unreadCount} unread</span>`}
                <span class="hint">${chat.isGroup ? 'group' : chat.phone !== undefined && chat.name !== `+${chat.phone}` && `+${chat.phone}`} ${chat.lastMessageAt !== null && html`<${Ago} at=${chat.lastMessageAt} />`}</span>
              </a>
            </li>`,
          )}
        </ul>
        <${Pages} first=${after === undefined ? null : at({})} next=${next === null ? null : at({ after: next })} />
      </section>
      ${
        chosen === undefined
          ? html`<p class="soft">What people wrote, and what this session answered. To look does not mark anything as read.</p>`
          : html`<${Chat} key=${chosen} session=${session} id=${chosen} chat=${items?.find(({ id }) => id === chosen)} back=${at({ after })} newest=${newest} onChange=${list.reload} />`
      }
    </div>`
}
