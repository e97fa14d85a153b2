import type { ChatModel } from '../chat-model.ts'
import { WAWebCollections } from './wa-web-collections.ts'
import type { WAWebWid } from './wa-web-wid.ts'

export const WAWebFindChatAction = {
  async findOrCreateLatestChat(wid: WAWebWid): Promise<{ chat: ChatModel; created: boolean }> {
    const before = WAWebCollections.Chat.length
    const chat = await WAWebCollections.Chat.findOrCreate(wid)
    return { chat, created: WAWebCollections.Chat.length > before }
  },
}
