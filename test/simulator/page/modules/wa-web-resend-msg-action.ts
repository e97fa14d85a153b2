import { passFaults } from '../faults.ts'
import type { MsgModel } from '../msg-model.ts'
import { outbox } from '../outbox.ts'

export const WAWebResendMsgAction = {
  /** What a click on a failed message does: it is sent again under its id. Nothing happens to one that has not failed. */
  async resendMsg(msg: MsgModel): Promise<void> {
    await passFaults()
    if (msg.isSendFailure || msg.ack < 0) await outbox.resend(msg)
  },
}
