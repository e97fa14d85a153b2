import type { ChatModel } from '../chat-model.ts'
import { passFaults } from '../faults.ts'
import { numberBook } from '../number-book.ts'
import { wireLink } from '../wire-link.ts'

export const WAWebUpdateUnreadChatAction = {
  /** Marks a chat as read, and tells the writers of what was unread. */
  async sendSeen({ chat }: { chat: ChatModel; threadId?: string }): Promise<void> {
    await passFaults()
    if (chat.unreadCount === 0) return
    const unread = chat.msgs.filter((msg) => !msg.id.fromMe).slice(-chat.unreadCount)
    const from = numberBook.of(chat.id)?.number ?? chat.id.user
    wireLink.send({ t: 'read', from, ids: unread.map((msg) => msg.id.id) })
    chat.set({ unreadCount: 0 })
  },
}
