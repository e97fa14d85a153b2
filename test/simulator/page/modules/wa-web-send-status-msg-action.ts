import { build } from '../build.ts'
import { rowOf } from '../message-row.ts'
import { messageStorage } from '../message-storage.ts'
import { type MsgAttributes, MsgModel } from '../msg-model.ts'
import { outbox } from '../outbox.ts'
import { WAWebCollections } from './wa-web-collections.ts'
import { WAWebMsgKey } from './wa-web-msg-key.ts'
import { ownAddress } from './wa-web-user-prefs-me-user.ts'
import type { WAWebWid } from './wa-web-wid.ts'
import { WAWebWidFactory } from './wa-web-wid-factory.ts'

const STATUS = WAWebWidFactory.createWid('status@broadcast')
const ACK = { failed: -1, sent: 1 }

interface StatusResult {
  messageSendResult: 'OK' | 'ERROR_UPLOAD' | 'ERROR_UNKNOWN'
  msg?: MsgModel
}

interface TextStatus {
  text: string
  color?: number
  font?: number
}

type BeforeSend = (message: MsgModel) => unknown

interface MediaStatus {
  mediaMsgData: MsgAttributes | MsgModel
  beforeSend: BeforeSend
}

/** Under which of its addresses the account posts. */
const poster = (): WAWebWid => ownAddress(build.has('statusTakesOneObject') ? 'lid' : 'number')

export const WAWebStatusMsgDataUtils = {
  /** Null where there is no text. */
  async createTextStatusMsgData({ text, color, font }: TextStatus): Promise<MsgAttributes | null> {
    const body = text.trim()
    if (body === '') return null
    const from = poster()
    const id = new WAWebMsgKey({
      ...{ fromMe: true, remote: STATUS, id: await WAWebMsgKey.newId(), participant: from },
    })
    return {
      ...{ id, from, to: STATUS, author: from, body, type: 'chat', ack: 0, self: 'out', local: true },
      ...{ isNewMsg: true, t: Math.floor(Date.now() / 1000), backgroundColor: color ?? 0xff7acca5, font },
    }
  },
}

/** Stored before it is sent. It passes neither a chat's queues nor the send job of chats. */
async function stored(data: MsgAttributes): Promise<MsgModel> {
  const msg = WAWebCollections.Msg.add(new MsgModel(data))
  await messageStorage.add(rowOf(msg))
  return msg
}

/** Whatever goes wrong marks it as failed. */
async function send(msg: MsgModel): Promise<StatusResult> {
  const { error } = await outbox.send(msg)
  if (error === undefined) msg.updateAck(ACK.sent)
  else msg.set({ ack: ACK.failed })
  messageStorage.put('message', rowOf(msg)).catch(reportError)
  return error === undefined ? { messageSendResult: 'OK', msg } : { messageSendResult: 'ERROR_UNKNOWN' }
}

async function sendMedia({ mediaMsgData, beforeSend }: MediaStatus): Promise<StatusResult> {
  const given =
    mediaMsgData instanceof MsgModel ? (mediaMsgData.serialize() as MsgAttributes) : { ...mediaMsgData }
  const from = poster()
  const { fromMe, remote, id } = given.id
  const key = new WAWebMsgKey({ fromMe, remote, id, participant: from })
  const msg = await stored({ ...given, id: key, from, author: from })
  try {
    await beforeSend(msg)
  } catch {
    return { messageSendResult: 'ERROR_UPLOAD' }
  }
  return send(msg)
}

export const WAWebSendStatusMsgAction = {
  async sendStatusTextMsgAction(text: TextStatus): Promise<StatusResult> {
    const data = await WAWebStatusMsgDataUtils.createTextStatusMsgData(text)
    if (data === null) throw new Error('Invariant Violation: a status without a text')
    return send(await stored(data))
  },
  sendStatusMediaMsgAction: build.has('statusTakesOneObject')
    ? sendMedia
    : (mediaMsgData: MsgAttributes | MsgModel, beforeSend: BeforeSend) =>
        sendMedia({ mediaMsgData, beforeSend }),
}

/** Without the function that the library calls before it sends a status: it was gone before the oldest build here. */
export const WAWebStatusGatingUtils = {}

/** Puts what an upload brought onto a message. */
export const WAWebMediaUpdateMsg = (_message: MsgAttributes, _media: object): void => {}
