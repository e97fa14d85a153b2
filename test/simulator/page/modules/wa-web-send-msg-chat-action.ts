import type { ChatModel } from '../chat-model.ts'
import { passFaults } from '../faults.ts'
import { type MsgAttributes, MsgModel } from '../msg-model.ts'
import { numberBook } from '../number-book.ts'
import { outbox, type SendResult } from '../outbox.ts'
import { WAWebCollections } from './wa-web-collections.ts'
import { WAWebMsgKey } from './wa-web-msg-key.ts'

/** Where LIDs are so, a message to a number's chat is indexed under the LID, and its own key misses it. */
function storedKey(key: WAWebMsgKey): WAWebMsgKey {
  const answer = numberBook.of(key.remote)
  const lid = numberBook.lidOf(key.remote)
  if (answer?.lidMode !== 'sent-under-lid' || !lid || key.remote.isLid()) return key
  return new WAWebMsgKey({ fromMe: key.fromMe, remote: lid, id: key.id })
}

export const WAWebSendMsgChatAction = {
  /** Two promises: the message is in its chat; the server has it. */
  addAndSendMsgToChat(chat: ChatModel, message: MsgAttributes): [Promise<MsgModel>, Promise<SendResult>] {
    const added = passFaults().then(() => {
      const msg = new MsgModel({ ...message, id: storedKey(message.id) })
      const sent = outbox.send(msg)
      chat.msgs.add(msg)
      WAWebCollections.Msg.add(msg)
      chat.set({ t: msg.t, lastReceivedKey: msg.id })
      return { msg, sent }
    })
    return [added.then(({ msg }) => msg), added.then(({ sent }) => sent)]
  },
}
