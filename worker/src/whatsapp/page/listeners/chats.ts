import type { Chat, PageGlobals, PageModules, Wid } from '../page-globals.ts'
import type { PageListener } from './page-listener.ts'

interface ChatState {
  type?: string
}

interface ChatModules extends Omit<PageModules, 'WAWebCollections'> {
  WAWebCollections: PageModules['WAWebCollections'] & {
    Chat: { on(event: string, listener: (chat: Chat, value: never) => void): void }
  }
  WAWebPresenceCollection: {
    PresenceCollection: {
      on(event: string, listener: (state: ChatState) => void): void
      getModelsArray(): { id: Wid; chatstate?: ChatState }[]
      find(id: Wid): Promise<unknown>
    }
  }
}

/** What happens to chats as a whole, and who is there. */
export const chatChanges = {
  'hearing of chats': {
    needs: ['WAWebCollections.Chat.on'],
    without: 'That a chat is archived, removed or read is no event.',
    listen: () => {
      const page = window as unknown as PageGlobals<ChatModules>
      const { personOf, guarded, tell } = page.sessionGatewayKit
      const { Chat: chats } = page.require('WAWebCollections')
      const isTold = ({ id }: Chat) => id.server !== 'broadcast'
      const unread = new Map<Chat, number>()
      const archived = guarded((chat: Chat, isArchived: boolean) => {
        const told = { chat: personOf(chat.id), archived: isArchived === true, at: Date.now() }
        if (isTold(chat)) tell?.({ type: 'archived', ...told })
      })
      const removed = guarded((chat: Chat) => {
        if (isTold(chat)) tell?.({ type: 'removed', chat: personOf(chat.id), at: Date.now() })
      })
      const tellUnread = (chat: Chat) => {
        const count = unread.get(chat) ?? 0
        unread.delete(chat)
        tell?.({ type: 'unread', chat: personOf(chat.id), count, at: Date.now() })
      }
      const counted = guarded((chat: Chat, count: number) => {
        if (!isTold(chat)) return
        if (!unread.has(chat))
          setTimeout(
            guarded(() => tellUnread(chat)),
            500,
          )
        unread.set(chat, count)
      })
      chats.on('change:archive', archived)
      chats.on('remove', removed)
      chats.on('change:unreadCount', counted)
    },
  },

  'hearing presence': {
    needs: [
      'WAWebPresenceCollection.PresenceCollection.on',
      'WAWebPresenceCollection.PresenceCollection.find',
    ],
    without: 'Who is online or typing is no event.',
    listen: () => {
      const page = window as unknown as PageGlobals<ChatModules>
      const { personOf, guarded, tell } = page.sessionGatewayKit
      const { PresenceCollection: presences } = page.require('WAWebPresenceCollection')
      const changed = guarded((state: ChatState) => {
        const person = presences.getModelsArray().find(({ chatstate }) => chatstate === state)
        if (!person || !state.type) return
        const chat = personOf(person.id)
        tell?.({ type: 'presence', chat, by: chat, state: state.type, at: Date.now() })
      })
      presences.on('change:chatstate.type', changed)
    },
  },
} satisfies Record<string, PageListener>

/**
 * Runs in the page: asks to be told of a person's presence, as the page does where somebody opens the chat. WhatsApp answers only
 * while the account shows itself as available, so nothing is asked before.
 */
export function followPresence(chatId: Wid): void {
  const page = window as unknown as PageGlobals<ChatModules>
  try {
    if (chatId.server !== 'c.us' && !chatId.isLid()) return
    if (!page.require('WAWebStreamModel').Stream.available) return
    page
      .require('WAWebPresenceCollection')
      .PresenceCollection.find(chatId)
      .catch(() => {})
  } catch {
    // Without it there is no event of presence, which the list of what the page lacks says.
  }
}
