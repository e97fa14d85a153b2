import type { ChatModel } from '../chat-model.ts'
import { passFaults } from '../faults.ts'
import { rowOf } from '../message-row.ts'
import { messageStorage } from '../message-storage.ts'
import { type MsgAttributes, MsgModel } from '../msg-model.ts'
import { numberBook } from '../number-book.ts'
import { type SendResult, sendMsgRecord } from '../send-msg-record.ts'
import { WAWebCollections } from './wa-web-collections.ts'
import { WAWebMsgKey } from './wa-web-msg-key.ts'

/** Where LIDs are so, a message to a number's chat is indexed under the LID, and its own key misses it. */
function storedKey(key: WAWebMsgKey): WAWebMsgKey {
  const answer = numberBook.of(key.remote)
  const lid = numberBook.lidOf(key.remote)
  if (answer?.lidMode !== 'sent-under-lid' || !lid || key.remote.isLid()) return key
  return new WAWebMsgKey({ fromMe: key.fromMe, remote: lid, id: key.id })
}

async function store(chat: ChatModel, message: MsgAttributes): Promise<MsgModel> {
  const msg = new MsgModel({ ...message, id: storedKey(message.id) })
  WAWebCollections.Msg.add(msg)
  const stored = messageStorage.add(rowOf(msg))
  // With the message's own transaction, so that a message that is stored is never without its chat.
  chat.set({ t: msg.t, lastReceivedKey: msg.id })
  await stored
  return msg
}

export const WAWebSendMsgChatAction = {
  /**
   * Two promises: the message is stored; what became of it. Both reject with DuplicateMessageError where its key is
   * taken. The send waits for what `beforeSend` returns, and in a chat no message passes an older one before its send.
   */
  addAndSendMsgToChat(
    chat: ChatModel,
    message: MsgAttributes | Promise<MsgAttributes>,
    beforeSend?: (msg: MsgModel) => unknown,
  ): [Promise<MsgModel>, Promise<SendResult>] {
    const stored = passFaults()
      .then(() => message)
      .then((attributes) => store(chat, attributes))
    const added = chat.addQueue.enqueue(stored).then((msg) => chat.msgs.add(msg))
    const prepared = added.then(async (msg) => {
      await beforeSend?.(msg)
      return msg
    })
    const outcome = chat.sendQueue.enqueue(prepared).then((msg) => sendMsgRecord(msg, chat))
    // Whoever waits for the first promise alone has heard of it there.
    outcome.catch(() => {})
    return [added, outcome]
  },
}
