import type { AddOnFields, AddOnType } from '../wire.ts'
import { applyAddOn } from './add-ons.ts'
import { passFaults } from './faults.ts'
import { groupMetadata } from './group-metadata.ts'
import { WAWebMsgKey } from './modules/wa-web-msg-key.ts'
import { WAWebUserPrefsMeUser } from './modules/wa-web-user-prefs-me-user.ts'
import type { WAWebWid } from './modules/wa-web-wid.ts'
import { MsgModel } from './msg-model.ts'
import { numberBook } from './number-book.ts'
import { outbox } from './outbox.ts'

/** Says something of a message, here at once and to everybody in its chat. Resolves when the server has answered. */
export async function sendAddOn(
  type: AddOnType,
  target: MsgModel,
  fields: AddOnFields,
): Promise<{ messageSendResult: 'OK' | 'ERROR_UNKNOWN' }> {
  await passFaults()
  const { remote } = target.id
  const me = WAWebUserPrefsMeUser.getMaybeMePnUser()
  const isUnderLid = groupMetadata.get(remote)?.isLidAddressingMode ?? remote.isLid()
  const author = (isUnderLid ? WAWebUserPrefsMeUser.getMaybeMeLidUser() : me) ?? remote
  const participant = remote.isUser() ? undefined : author
  const key = new WAWebMsgKey({ fromMe: true, remote, id: await WAWebMsgKey.newId(), participant })
  const t = Math.floor(Date.now() / 1000)
  const writer = numberOf(target.id.fromMe ? author : (target.author ?? target.from))
  const msg = new MsgModel({
    ...{ id: key, type, body: '', t, from: author, to: remote, ack: 0 },
    ...{ target: { id: target.id.id, writer }, addOn: fields },
  })
  const answered = outbox.send(msg)
  await applyAddOn({ type, key, author, t, target, fields })
  const { error } = await answered
  return { messageSendResult: error === undefined ? 'OK' : 'ERROR_UNKNOWN' }
}

/** Digits of a person's number. */
function numberOf(person: WAWebWid): string {
  return numberBook.phoneOf(person)?.user ?? person.user
}
