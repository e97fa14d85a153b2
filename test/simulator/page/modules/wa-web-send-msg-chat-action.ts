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
  /** Two promises: the message is stored; the server has it. Rejects with DuplicateMessageError where its key is taken. */
  addAndSendMsgToChat(chat: ChatModel, message: MsgAttributes): [Promise<MsgModel>, Promise<SendResult>] {
    const added = passFaults().then(async () => {
      const msg = new MsgModel({ ...message, id: storedKey(message.id) })
      const { stored, sent } = outbox.send(msg)
      chat.msgs.add(msg)
      WAWebCollections.Msg.add(msg)
      chat.set({ t: msg.t, lastReceivedKey: msg.id })
      await stored
      return { msg, sent }
    })
    const outcome = added.then(({ sent }) => sent)
    // Whoever waits for the first promise alone has heard of it there.
    outcome.catch(() => {})
    return [added.then(({ msg }) => msg), outcome]
  },
}
