import { passFaults } from '../faults.ts'
import { rowOf } from '../message-row.ts'
import { messageStorage } from '../message-storage.ts'
import type { MsgModel } from '../msg-model.ts'
import { type SendResult, sendMsgRecord } from '../send-msg-record.ts'
import { WAWebCollections } from './wa-web-collections.ts'

export const WAWebResendMsgAction = {
  /** What a click on a failed message does: it is sent again under its id. Nothing happens to one that has not failed. */
  async resendMsg(msg: MsgModel): Promise<SendResult['messageSendResult'] | undefined> {
    await passFaults()
    if (!msg.isSendFailure && msg.ack >= 0) return undefined
    const row = rowOf(msg)
    row.attributes = { ...row.attributes, ack: 0, isSendFailure: false }
    await messageStorage.put('message', row)
    msg.set({ ack: 0, isSendFailure: false })
    return (await sendMsgRecord(msg, WAWebCollections.Chat.get(msg.id.remote))).messageSendResult
  },
}
