import type { ChatModel } from '../chat-model.ts'
import { Emitter } from '../emitter.ts'
import { passFaults } from '../faults.ts'
import { rowOf } from '../message-row.ts'
import { messageStorage } from '../message-storage.ts'
import type { MsgModel } from '../msg-model.ts'
import { sendAddOn } from '../send-add-on.ts'
import { wireLink } from '../wire-link.ts'
import { WAWebCollections } from './wa-web-collections.ts'

/** The count of unread messages in a chat that a person marked as unread. */
export const MARKED_AS_UNREAD = -1

async function star(list: MsgModel[], isStarred: boolean): Promise<void> {
  await passFaults()
  for (const msg of list) {
    msg.set({ star: isStarred })
    await messageStorage.put('message', rowOf(msg))
  }
}

/** The page's command bus. */
class CmdClass extends Emitter {
  /** Whether the offline delivery of this connection is over. */
  isOfflineDeliveryEnd = false

  openChatBottom(): Promise<boolean> {
    return Promise.resolve(true)
  }
  openDrawerMid(): void {}
  chatSearch(): void {}
  openChatAt(): Promise<boolean> {
    return Promise.resolve(true)
  }
  msgInfoDrawer(): void {}
  /** Takes messages back, for everybody in the chat. */
  async sendRevokeMsgs(_chat: ChatModel, { list }: { list: MsgModel[] }, _how: object): Promise<void> {
    for (const msg of list) await sendAddOn('revoke', msg, {})
  }

  /** Deletes messages here alone. */
  async sendDeleteMsgs(chat: ChatModel, { list }: { list: MsgModel[] }, _clearMedia: boolean): Promise<void> {
    await passFaults()
    for (const msg of list) {
      chat.msgs.remove(msg)
      WAWebCollections.Msg.remove(msg)
      await messageStorage.deleteMessage(msg.id.toString())
    }
  }

  sendStarMsgs(_chat: ChatModel, list: MsgModel[], _isPeer: boolean): Promise<void> {
    return star(list, true)
  }
  sendUnstarMsgs(_chat: ChatModel, list: MsgModel[], _isPeer: boolean): Promise<void> {
    return star(list, false)
  }

  async pinChat(chat: ChatModel, pin: boolean): Promise<void> {
    await passFaults()
    chat.set({ pin: pin ? Math.floor(Date.now() / 1000) : 0 })
  }

  async markChatUnread(chat: ChatModel, unread: boolean): Promise<void> {
    await passFaults()
    chat.set({ unreadCount: unread ? MARKED_AS_UNREAD : 0 })
  }

  /** The phone and the other devices of the account archive it as well. */
  async archiveChat(chat: ChatModel, archive: boolean): Promise<void> {
    await passFaults()
    wireLink.send({ t: 'archive', chatId: chat.id.toString(), archived: archive })
    chat.set({ archive })
  }
}

export const WAWebCmd = { Cmd: new CmdClass() }
