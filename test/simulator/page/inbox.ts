import type { FrameFromServer } from '../wire.ts'
import { rowOf } from './message-row.ts'
import { messageStorage } from './message-storage.ts'
import { WAWebCollections } from './modules/wa-web-collections.ts'
import { WAWebMsgKey } from './modules/wa-web-msg-key.ts'
import { WAWebUserPrefsMeUser } from './modules/wa-web-user-prefs-me-user.ts'
import { WAWebWidFactory } from './modules/wa-web-wid-factory.ts'
import { MsgModel } from './msg-model.ts'
import { numberBook } from './number-book.ts'
import { outbox } from './outbox.ts'
import { wireLink } from './wire-link.ts'

type MessageFrame = Extract<FrameFromServer, { t: 'message' }>
type AckFrame = Extract<FrameFromServer, { t: 'ack' }>

/** Takes in a message: from someone, or one that this account's phone wrote. Those that waited are not new. */
export function takeMessage({ message, sender, recipient, offline }: MessageFrame): void {
  const me = WAWebUserPrefsMeUser.getMaybeMePnUser()
  const fromMe = message.from === me?.user
  numberBook.learn(sender)
  numberBook.learn(recipient)
  const remote = numberBook.chatWid(fromMe ? recipient : sender)
  const mine = (remote.isLid() ? WAWebUserPrefsMeUser.getMaybeMeLidUser() : me) ?? remote
  const id = new WAWebMsgKey({ fromMe, remote, id: message.id })
  const received = () => wireLink.send({ t: 'received', id: message.id, from: message.from })
  if (WAWebCollections.Msg.get(id)) return void received()

  const { body, type, t, quoted, extras } = message
  const msg = new MsgModel({
    ...extras,
    id,
    body,
    type,
    t,
    from: fromMe ? mine : remote,
    to: fromMe ? remote : mine,
    ack: fromMe ? Math.max(1, message.ack) : 1,
    self: fromMe ? 'out' : 'in',
    isNewMsg: !offline,
    notifyName: message.pushName,
    ...(quoted && {
      quotedMsg: { type: quoted.type, body: quoted.body },
      quotedStanzaID: quoted.id,
      quotedParticipant: WAWebWidFactory.createWid(quoted.participant),
    }),
  })
  if (!fromMe) WAWebCollections.Contact.gadd(remote).set({ pushname: message.pushName })
  WAWebCollections.Chat.enter(msg, { unread: !fromMe })
  messageStorage.put('message', rowOf(msg, false)).then(received).catch(reportError)
}

/** Raises the ack of a message of ours, wherever it is indexed. */
export function takeAck({ id, to, ack, at }: AckFrame): void {
  outbox.settle(id, ack, at)
  const number = WAWebWidFactory.createWid(`${to}@c.us`)
  const remotes = [number, numberBook.lidOf(number)].filter((wid) => wid !== undefined)
  const keys = remotes.flatMap((remote) => [
    new WAWebMsgKey({ fromMe: true, remote, id }),
    new WAWebMsgKey({ fromMe: true, remote, id, self: 'out' }),
  ])
  const msg = keys.map((key) => WAWebCollections.Msg.get(key)).find((found) => found !== undefined)
  if (!msg) return void storeAck(keys.map(String), ack).catch(reportError)
  const isSettled = msg.ack > 0
  msg.updateAck(ack)
  // The first ack takes the message out of the outbox for good; the later ones may be lost.
  if (isSettled) messageStorage.putSoon('message', rowOf(msg, false))
  else messageStorage.put('message', rowOf(msg, false)).catch(reportError)
}

async function storeAck(keys: string[], ack: number): Promise<void> {
  const [row] = await messageStorage.messages(keys)
  if (!row) return
  const { pending: _, ...rest } = row
  await messageStorage.put('message', { ...rest, attributes: { ...row.attributes, ack } })
}
