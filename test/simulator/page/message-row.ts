import type { MessageExtras } from '../wire.ts'
import { type MessageRow, messageStorage } from './message-storage.ts'
import { WAWebMsgKey } from './modules/wa-web-msg-key.ts'
import { WAWebWidFactory } from './modules/wa-web-wid-factory.ts'
import { MsgModel } from './msg-model.ts'

/** Fields with a place of their own in a row or on the wire, and the library's options; every other one travels among the extras. */
const OWN_FIELDS = new Set([
  ...[
    'id',
    'from',
    'to',
    'body',
    'type',
    't',
    'ack',
    'self',
    'local',
    'isNewMsg',
    'notifyName',
    'isSendFailure',
    'author',
    'errorCode',
    'latestEditMsgKey',
    'protocolMessageKey',
    'revokeSender',
  ],
  ...[
    'quotedMsg',
    'quotedStanzaID',
    'quotedParticipant',
    'waitUntilMsgSent',
    'ignoreQuoteErrors',
    'parseVCards',
  ],
  ...['sendAudioAsVoice', 'sendVideoAsGif', 'sendMediaAsDocument', 'sendMediaAsHd', 'isCaptionByUser'],
])

/** The fields that a message carries besides text and quote, in a form that survives JSON. */
export function extrasOf(msg: MsgModel): MessageExtras {
  const extras = Object.entries(msg.serialize()).filter(
    ([name, value]) => !OWN_FIELDS.has(name) && value !== undefined,
  )
  return JSON.parse(JSON.stringify(Object.fromEntries(extras))) as MessageExtras
}

const rowIds = new WeakMap<MsgModel, number>()
/** Those that were marked as failed only because they were read without an ack: their rows are not. */
const markedWhenRead = new WeakSet<MsgModel>()

export function rowOf(msg: MsgModel): MessageRow {
  const { id, from, to, body, type, t, ack, quotedMsg, quotedStanzaID, quotedParticipant } = msg
  const rowId = rowIds.get(msg) ?? messageStorage.nextRowId()
  rowIds.set(msg, rowId)
  return {
    id: id.toString(),
    chatId: id.remote.toString(),
    rowId,
    attributes: {
      ...extrasOf(msg),
      ...{ from: from.toString(), to: to.toString(), body, type, t, ack },
      ...(msg.author && { author: msg.author.toString() }),
      ...(msg.isSendFailure && !markedWhenRead.has(msg) && { isSendFailure: true }),
      ...(msg.errorCode !== undefined && { errorCode: msg.errorCode }),
      ...asTexts(msg, ['latestEditMsgKey', 'protocolMessageKey', 'revokeSender']),
      ...(quotedMsg && { quotedMsg, quotedStanzaID, quotedParticipant: String(quotedParticipant) }),
    },
  }
}

function asTexts(msg: MsgModel, names: string[]): Record<string, string> {
  const there = names.filter((name) => Reflect.get(msg, name) !== undefined)
  return Object.fromEntries(there.map((name) => [name, String(Reflect.get(msg, name))]))
}

/**
 * A stored message as a model. One of ours without an ack is marked as failed: what was sending it went with the
 * document that it was written in, and nothing sends it again by itself.
 */
export function msgOf({ id, rowId, attributes }: MessageRow): MsgModel {
  const key = WAWebMsgKey.fromString(id)
  const { from, to, author, body, type, t, ack, quotedParticipant, ...more } = attributes
  const { latestEditMsgKey, protocolMessageKey, revokeSender, ...rest } = more
  const isUnacked = key.fromMe && Number(ack) === 0
  const msg = new MsgModel({
    ...rest,
    id: key,
    from: WAWebWidFactory.createWid(String(from)),
    to: WAWebWidFactory.createWid(String(to)),
    ...(author !== undefined && { author: WAWebWidFactory.createWid(String(author)) }),
    body: String(body),
    type: String(type),
    t: Number(t),
    ack: Number(ack),
    self: key.fromMe ? 'out' : 'in',
    isNewMsg: false,
    ...(isUnacked && { isSendFailure: true }),
    ...(latestEditMsgKey !== undefined && {
      latestEditMsgKey: WAWebMsgKey.fromString(String(latestEditMsgKey)),
    }),
    ...(protocolMessageKey !== undefined && {
      protocolMessageKey: WAWebMsgKey.fromString(String(protocolMessageKey)),
    }),
    ...(revokeSender !== undefined && { revokeSender: WAWebWidFactory.createWid(String(revokeSender)) }),
    ...(quotedParticipant !== undefined && {
      quotedParticipant: WAWebWidFactory.createWid(String(quotedParticipant)),
    }),
  })
  rowIds.set(msg, rowId)
  if (isUnacked && !rest.isSendFailure) {
    markedWhenRead.add(msg)
    msg.once('change:isSendFailure', () => markedWhenRead.delete(msg))
  }
  return msg
}
