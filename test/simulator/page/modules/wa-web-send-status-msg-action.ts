import { build } from '../build.ts'
import { type MsgAttributes, MsgModel } from '../msg-model.ts'
import type { SendResult } from '../send-msg-record.ts'
import { WAWebCollections } from './wa-web-collections.ts'
import { WAWebMsgKey } from './wa-web-msg-key.ts'
import { WAWebSendMsgChatAction } from './wa-web-send-msg-chat-action.ts'
import { ownAddress } from './wa-web-user-prefs-me-user.ts'
import { WAWebWidFactory } from './wa-web-wid-factory.ts'

const STATUS = WAWebWidFactory.createWid('status@broadcast')

const send = (message: MsgAttributes): Promise<SendResult> =>
  WAWebSendMsgChatAction.addAndSendMsgToChat(WAWebCollections.Chat.open(STATUS), message)[1]

interface TextStatus {
  text: string
  color?: number
  font?: number
}

interface MediaStatus {
  mediaMsgData: MsgAttributes | MsgModel
  beforeSend?: (message: MsgAttributes) => unknown
}

async function sendMedia({ mediaMsgData, beforeSend }: MediaStatus): Promise<SendResult> {
  const message =
    mediaMsgData instanceof MsgModel ? (mediaMsgData.serialize() as MsgAttributes) : mediaMsgData
  await beforeSend?.(message)
  return send(message)
}

export const WAWebSendStatusMsgAction = {
  async sendStatusTextMsgAction({ text, color, font }: TextStatus): Promise<SendResult> {
    const from = ownAddress(build.has('statusTakesOneObject') ? 'lid' : 'number')
    const id = await WAWebMsgKey.newId()
    return send({
      id: new WAWebMsgKey({ from, to: STATUS, id, participant: from, selfDir: 'out' }),
      ...{ from, to: STATUS, author: from, body: text, type: 'chat', ack: 0, self: 'out', local: true },
      ...{ isNewMsg: true, t: Math.floor(Date.now() / 1000), backgroundColor: color, font },
    })
  },
  sendStatusMediaMsgAction: build.has('statusTakesOneObject')
    ? sendMedia
    : (msg: MsgModel, beforeSend: (message: MsgAttributes) => unknown) =>
        sendMedia({ mediaMsgData: msg, beforeSend }),
}

/** Without the function that the library calls before it sends a status: it was gone before the oldest build here. */
export const WAWebStatusGatingUtils = {}

/** Puts what an upload brought onto a message. */
export const WAWebMediaUpdateMsg = (_message: MsgAttributes, _media: object): void => {}
