import type { ChatModel } from '../chat-model.ts'
import { passFaults } from '../faults.ts'
import { numberBook } from '../number-book.ts'
import { wireLink } from '../wire-link.ts'
import { WAWebStreamModel } from './presence.ts'

export const WAWebUpdateUnreadChatAction = {
  /** Marks a chat as read. The writers of what was unread hear of it as soon as the account shows itself online. */
  async sendSeen({ chat }: { chat: ChatModel; threadId?: string }): Promise<void> {
    await passFaults()
    if (chat.unreadCount === 0) return
    const unread = chat.msgs.filter((msg) => !msg.id.fromMe).slice(-chat.unreadCount)
    const from = numberBook.of(chat.id)?.number ?? chat.id.user
    const tell = () => wireLink.send({ t: 'read', from, ids: unread.map((msg) => msg.id.id) })
    if (WAWebStreamModel.Stream.available) tell()
    else WAWebStreamModel.Stream.once('change:available', tell)
    chat.set({ unreadCount: 0 })
  },
}
