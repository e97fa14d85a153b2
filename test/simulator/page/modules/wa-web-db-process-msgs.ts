import type { MessageExtras } from '../../wire.ts'
import { groupMetadata } from '../group-metadata.ts'
import { type MessageRow, messageStorage } from '../message-storage.ts'
import { WAWebMsgKey } from './wa-web-msg-key.ts'
import type { WAWebWid } from './wa-web-wid.ts'

/** What changes messages in the page's store, in memory or not. Who calls these shows the change. */

interface EditMsg {
  id: WAWebMsgKey
  protocolMessageKey: WAWebMsgKey
  /** Of a file, its caption. */
  text: string
  latestEditSenderTimestampMs: number
  extras?: MessageExtras
}

export const WAWebDBProcessEditProtocolMsgs = {
  async processEditProtocolMsgs(edits: EditMsg[]): Promise<void> {
    for (const { id, protocolMessageKey, text, latestEditSenderTimestampMs, extras } of edits) {
      const row = await storedRow(protocolMessageKey)
      if (!row || !isOfOneWriter(protocolMessageKey, id)) continue
      const attributes = {
        ...row.attributes,
        ...extras,
        ...(row.attributes.mimetype === undefined ? { body: text } : { caption: text }),
        ...{ latestEditMsgKey: id.toString(), latestEditSenderTimestampMs },
      }
      await messageStorage.put('message', { ...row, attributes })
    }
  },
}

interface RevokeMsg {
  revokeMsgKey: WAWebMsgKey
  newMsgKey: WAWebMsgKey
  subtype: 'sender_revoke' | 'admin_revoke'
  sender: WAWebWid
  /** Unix time in seconds. */
  revokeTimestamp: number
}

/** A revoked message bears the id of the message that asked for it. */
export function keyAfterRevoke(original: WAWebMsgKey, revoke: WAWebMsgKey): WAWebMsgKey {
  const { fromMe, remote, participant } = original
  return new WAWebMsgKey({ fromMe, remote, id: revoke.id, participant })
}

export const WAWebDBProcessRevokeMsgs = {
  async processRevokeMsgs(revokes: RevokeMsg[]): Promise<void> {
    for (const { revokeMsgKey, newMsgKey, subtype, sender, revokeTimestamp } of revokes) {
      const row = await storedRow(revokeMsgKey)
      if (!row || !mayRevoke(revokeMsgKey, newMsgKey, subtype, sender)) continue
      const { from, to, author, t, ack } = row.attributes
      await messageStorage.deleteMessage(row.id)
      await messageStorage.put('message', {
        ...row,
        id: keyAfterRevoke(revokeMsgKey, newMsgKey).toString(),
        attributes: {
          ...{ from, to, t, ack, body: '', type: 'revoked' },
          ...(author !== undefined && { author }),
          subtype: subtype === 'admin_revoke' ? 'admin' : 'sender',
          ...{ protocolMessageKey: row.id, revokeSender: sender.toString(), revokeTimestamp },
        },
      })
    }
  },
}

function isOfOneWriter(one: WAWebMsgKey, other: WAWebMsgKey): boolean {
  return one.fromMe === other.fromMe && String(one.participant) === String(other.participant)
}

/** Who wrote it, and in a group its admins. */
function mayRevoke(
  original: WAWebMsgKey,
  asked: WAWebMsgKey,
  subtype: RevokeMsg['subtype'],
  sender: WAWebWid,
): boolean {
  if (subtype === 'sender_revoke') return isOfOneWriter(original, asked)
  return groupMetadata.get(original.remote)?.participants.get(sender)?.isAdmin === true
}

async function storedRow(key: WAWebMsgKey): Promise<MessageRow | undefined> {
  return (await messageStorage.messages([key.toString()]))[0]
}
