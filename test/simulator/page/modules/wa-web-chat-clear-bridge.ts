import type { ChatModel } from '../chat-model.ts'
import { passFaults } from '../faults.ts'
import { messageStorage } from '../message-storage.ts'
import { WAWebCollections } from './wa-web-collections.ts'

export const WAWebChatClearBridge = {
  async sendClear(chat: ChatModel, _keepStarred: boolean): Promise<void> {
    await passFaults()
    for (const msg of chat.msgs.getModelsArray()) {
      chat.msgs.remove(msg)
      WAWebCollections.Msg.remove(msg)
    }
    chat.set({ lastReceivedKey: undefined, unreadCount: 0 })
    await messageStorage.deleteMessages(chat.id.toString())
  },
}

export const WAWebDeleteChatAction = {
  async sendDelete(chat: ChatModel): Promise<void> {
    await WAWebChatClearBridge.sendClear(chat, false)
    WAWebCollections.Chat.remove(chat)
    await messageStorage.deleteChat(chat.id.toString())
  },
}
