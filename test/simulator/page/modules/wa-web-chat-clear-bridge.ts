import type { ChatModel } from '../chat-model.ts'
import { WAWebCollections } from './wa-web-collections.ts'

export const WAWebChatClearBridge = {
  async sendClear(chat: ChatModel, _keepStarred: boolean): Promise<void> {
    for (const msg of chat.msgs.getModelsArray()) {
      chat.msgs.remove(msg)
      WAWebCollections.Msg.remove(msg)
    }
    chat.set({ lastReceivedKey: undefined, unreadCount: 0 })
  },
}

export const WAWebDeleteChatAction = {
  async sendDelete(chat: ChatModel): Promise<void> {
    await WAWebChatClearBridge.sendClear(chat, false)
    WAWebCollections.Chat.remove(chat)
  },
}
