import { Channel } from '../channel-collection.ts'
import { loadPosts } from '../channel-posts.ts'
import type { ChatModel } from '../chat-model.ts'
import { msgOf } from '../message-row.ts'
import { messageStorage } from '../message-storage.ts'
import type { MsgModel } from '../msg-model.ts'
import { WAWebCollections } from './wa-web-collections.ts'

const PAGE_SIZE = 50
/** The oldest row that was looked at for a chat: newer ones are in memory. */
const reached = new WeakMap<ChatModel, number>()

export const WAWebChatLoadMessages = {
  /** Brings the next older messages of a chat into memory; nothing when there are none. */
  async loadEarlierMsgs({ chat }: { chat: ChatModel | Channel }): Promise<MsgModel[] | undefined> {
    if (chat instanceof Channel) {
      const posts = await loadPosts(chat, PAGE_SIZE)
      return posts.length > 0 ? posts : undefined
    }
    for (;;) {
      const before = reached.get(chat) ?? Number.MAX_SAFE_INTEGER
      const rows = await messageStorage.earlier(chat.id.toString(), before, PAGE_SIZE)
      const [oldest] = rows
      if (!oldest) return undefined
      reached.set(chat, Math.min(oldest.rowId, reached.get(chat) ?? oldest.rowId))
      const fresh = rows.filter((row) => chat.msgs.get(row.id) === undefined)
      if (fresh.length > 0) {
        return fresh.map((row) =>
          chat.msgs.add(WAWebCollections.Msg.get(row.id) ?? WAWebCollections.Msg.add(msgOf(row))),
        )
      }
    }
  },
}
