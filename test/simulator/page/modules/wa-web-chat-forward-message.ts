import type { ChatModel } from '../chat-model.ts'
import { extrasOf } from '../message-row.ts'
import type { MsgAttributes, MsgModel } from '../msg-model.ts'
import { WAWebMsgKey } from './wa-web-msg-key.ts'
import { WAWebSendMsgChatAction } from './wa-web-send-msg-chat-action.ts'
import { ownAddressIn } from './wa-web-user-prefs-me-user.ts'

interface Forwarding {
  chat: ChatModel
  msgs: MsgModel[]
  includeCaption?: boolean
}

export const WAWebChatForwardMessage = {
  /** Sends what messages say to another chat, as new messages that say that they are forwarded. */
  async forwardMessages({ chat, msgs, includeCaption = true }: Forwarding): Promise<void> {
    for (const msg of msgs) {
      const { caption, forwardingScore = 0, ...extras } = extrasOf(msg)
      const from = ownAddressIn(chat)
      const participant = chat.id.isUser() ? undefined : from
      const id = new WAWebMsgKey({
        ...{ from, to: chat.id, id: await WAWebMsgKey.newId(), participant, selfDir: 'out' },
      })
      const message: MsgAttributes = {
        ...extras,
        ...(includeCaption && caption !== undefined && { caption: String(caption) }),
        ...{ id, from, to: chat.id, body: msg.body, type: msg.type, ack: 0, self: 'out', local: true },
        ...{ isNewMsg: true, t: Math.floor(Date.now() / 1000) },
        ...{ isForwarded: true, forwardingScore: Number(forwardingScore) + 1 },
      }
      // A file goes the way of the page's own sends of files, which hand over a promise.
      const given = msg.mediaObject ? Promise.resolve(message) : message
      const [stored] = WAWebSendMsgChatAction.addAndSendMsgToChat(chat, given)
      await stored
    }
  },
}
