import type { ChatModel } from '../chat-model.ts'
import { passFaults } from '../faults.ts'
import { messageStorage } from '../message-storage.ts'
import { numberBook } from '../number-book.ts'
import { wireLink } from '../wire-link.ts'
import { WAWebStreamModel } from './presence.ts'
import { WAWebMsgKey } from './wa-web-msg-key.ts'

const { Stream } = WAWebStreamModel

/** The ids of a chat's unread messages, in memory or not. */
async function unreadIds(chat: ChatModel): Promise<string[]> {
  const inMemory = chat.msgs.filter((msg) => !msg.id.fromMe).map((msg) => msg.id.id)
  if (inMemory.length >= chat.unreadCount) return inMemory.slice(-chat.unreadCount)
  const rows = await messageStorage.earlier(chat.id.toString(), Number.MAX_SAFE_INTEGER, 1_000)
  const stored = rows.map((row) => WAWebMsgKey.fromString(row.id)).filter((key) => !key.fromMe)
  return [...new Set([...stored.map((key) => key.id), ...inMemory])].slice(-chat.unreadCount)
}

async function sendSeen({ chat }: { chat: ChatModel; threadId?: string | undefined }): Promise<void> {
  await passFaults()
  if (chat.unreadCount === 0) return
  if (!Stream.available) {
    Stream.once('change:available', () => void sendSeen({ chat }).catch(reportError))
    return
  }
  const from = numberBook.of(chat.id)?.number ?? chat.id.user
  const ids = await unreadIds(chat)
  wireLink.send({ t: 'read', from, ids })
  chat.set({ unreadCount: 0 })
}

/** Marks a chat as seen, and tells the writers, as soon as the account shows itself available. */
export const WAWebUpdateUnreadChatAction = { sendSeen }
