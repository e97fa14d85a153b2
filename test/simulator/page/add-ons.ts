import type { AddOnFields, AddOnType } from '../wire.ts'
import { rowOf } from './message-row.ts'
import { messageStorage } from './message-storage.ts'
import {
  addOnRows,
  WAWebAddonPollVoteTableMode,
  WAWebAddonReactionTableMode,
} from './modules/wa-web-addon-tables.ts'
import {
  keyAfterRevoke,
  WAWebDBProcessEditProtocolMsgs,
  WAWebDBProcessRevokeMsgs,
} from './modules/wa-web-db-process-msgs.ts'
import type { WAWebMsgKey } from './modules/wa-web-msg-key.ts'
import type { WAWebWid } from './modules/wa-web-wid.ts'
import type { MsgAttributes, MsgModel } from './msg-model.ts'

/** What is said of another message: a reaction, an edit, a vote and the like. It is no message of its chat itself. */
export interface AddOn {
  type: AddOnType
  key: WAWebMsgKey
  /** Who said it. */
  author: WAWebWid
  /** Unix time in seconds. */
  t: number
  target: MsgModel
  fields: AddOnFields
}

async function change(target: MsgModel, attributes: Partial<MsgAttributes>): Promise<void> {
  target.set(attributes)
  await messageStorage.put('message', rowOf(target))
}

const apply: Record<AddOnType, (addOn: AddOn) => Promise<void>> = {
  async reaction({ key, author, t, target, fields }) {
    const { reactionText = '' } = fields
    await WAWebAddonReactionTableMode.reactionTableMode.bulkUpsert([
      {
        ...{ id: key, reactionParentKey: target.id, reactionText, reactionTimestamp: t * 1000 },
        ...{ author, from: author, ack: 2, read: false, orphan: 0 },
      },
    ])
    const reactions = await addOnRows('reaction', target.id.toString())
    await change(target, { hasReaction: reactions.some((row) => row.reactionText !== '') })
  },

  async poll_update({ key, author, t, target, fields }) {
    const { selectedOptionLocalIds = [] } = fields
    await WAWebAddonPollVoteTableMode.pollVoteTableMode.bulkUpsert([
      {
        ...{ id: key, pollUpdateParentKey: target.id, selectedOptionLocalIds },
        ...{ author, from: author, t: t * 1000, senderTimestampMs: t * 1000 },
      },
    ])
  },

  async message_edit({ key, t, target, fields }) {
    const { text = '', extras } = fields
    const latestEditSenderTimestampMs = t * 1000
    await WAWebDBProcessEditProtocolMsgs.processEditProtocolMsgs([
      {
        id: key,
        protocolMessageKey: target.id,
        text,
        latestEditSenderTimestampMs,
        ...(extras && { extras }),
      },
    ])
    // Once more, since a receipt may have stored it meanwhile as it was in memory.
    await change(target, {
      ...extras,
      ...(target.mediaObject ? { caption: text } : { body: text }),
      ...{ latestEditMsgKey: key, latestEditSenderTimestampMs },
    })
  },

  async revoke({ key, author, t, target }) {
    const original = target.id
    const isSender = author.equals(target.author ?? target.from)
    const subtype = isSender ? 'sender' : 'admin'
    await WAWebDBProcessRevokeMsgs.processRevokeMsgs([
      {
        ...{ revokeMsgKey: original, newMsgKey: key, subtype: `${subtype}_revoke`, sender: author },
        revokeTimestamp: t,
      },
    ])
    const revoked = keyAfterRevoke(original, key)
    if (!messageStorage.hasMessage(revoked.toString())) return
    target.set({
      ...{ type: 'revoked', subtype, protocolMessageKey: original, revokeSender: author, revokeTimestamp: t },
      ...{ body: '', caption: undefined, directPath: undefined },
    })
    target.changeId(revoked)
  },

  async pin_in_chat({ author, t, target, fields }) {
    const [parentMsgKey, chatId] = [target.id.toString(), target.id.remote.toString()]
    await messageStorage.put('addOn', {
      ...{ id: `pin ${parentMsgKey}`, table: 'pin', parentMsgKey, chatId, sender: author.toString(), t },
      ...{ pinType: fields.pinType, pinExpiryDuration: fields.pinExpiryDuration },
    })
  },

  async event_response({ author, t, target, fields }) {
    const [parentMsgKey, chatId] = [target.id.toString(), target.id.remote.toString()]
    const sender = author.toString()
    await messageStorage.put('addOn', {
      ...{ id: `response ${parentMsgKey} ${sender}`, table: 'response', parentMsgKey, chatId, sender, t },
      ...{ eventResponse: fields.eventResponse },
    })
  },

  event_edit: ({ target, fields }) => change(target, fields.event ?? {}),
}

export function applyAddOn(addOn: AddOn): Promise<void> {
  return apply[addOn.type](addOn)
}
