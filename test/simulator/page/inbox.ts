import {
  type AddOnFields,
  type AddOnTarget,
  type AddOnType,
  type FrameFromServer,
  isAddOn,
  type Receipt,
  type WireMessage,
} from '../wire.ts'
import { applyAddOn } from './add-ons.ts'
import { channels } from './channel-collection.ts'
import { groupMetadata } from './group-metadata.ts'
import { messageKeys } from './message-keys.ts'
import { msgOf, rowOf } from './message-row.ts'
import { type MessageRow, messageStorage } from './message-storage.ts'
import { WAWebDeleteChatAction } from './modules/wa-web-chat-clear-bridge.ts'
import { MARKED_AS_UNREAD } from './modules/wa-web-cmd.ts'
import { WAWebCollections } from './modules/wa-web-collections.ts'
import { WAWebMsgKey } from './modules/wa-web-msg-key.ts'
import { WAWebUserPrefsMeUser } from './modules/wa-web-user-prefs-me-user.ts'
import type { WAWebWid } from './modules/wa-web-wid.ts'
import { WAWebWidFactory } from './modules/wa-web-wid-factory.ts'
import { MsgModel } from './msg-model.ts'
import { numberBook } from './number-book.ts'
import { wireLink } from './wire-link.ts'

type MessageFrame = Extract<FrameFromServer, { t: 'message' }>
type ReceiptFrame = Extract<FrameFromServer, { t: 'message.receipt' }>

/** What came is stored one after the other: what is said of a message after it, and a reaction after the edit before it. */
let stored: Promise<unknown> = Promise.resolve()

/** Takes in a message: from someone, or one that this account's phone wrote. Those that waited are not new. */
export function takeMessage({ message, sender, recipient, offline }: MessageFrame): void {
  const me = WAWebUserPrefsMeUser.getMaybeMePnUser()
  const fromMe = message.from === me?.user
  numberBook.learn(sender)
  if (recipient) numberBook.learn(recipient)
  const remote = recipient
    ? numberBook.chatWid(fromMe ? recipient : sender)
    : WAWebWidFactory.createWid(message.to)
  const isUnderLid = groupMetadata.get(remote)?.isLidAddressingMode ?? remote.isLid()
  const mine = (isUnderLid ? WAWebUserPrefsMeUser.getMaybeMeLidUser() : me) ?? remote
  const theirs = recipient
    ? numberBook.chatWid(sender)
    : WAWebWidFactory.createWid(isUnderLid ? `${sender.lid}@lid` : `${sender.number}@c.us`)
  const author = fromMe ? mine : theirs
  const hasAuthor = !recipient && !remote.isNewsletter()
  const id = new WAWebMsgKey({ fromMe, remote, id: message.id, ...(hasAuthor && { participant: author }) })
  const received = () => wireLink.send({ t: 'received', id: message.id, from: message.from })
  const { type } = message
  if (isAddOn(type)) {
    stored = stored
      .then(() => takeAddOn(message, type, id, author))
      .then(received)
      .catch(reportError)
    return
  }
  const { body, t, quoted, extras } = message
  // One that was encrypted anew under an id that is known changes nothing, unless it could not be decrypted before.
  if (messageStorage.hasMessage(id.toString())) {
    stored = stored
      .then(() => readPlaceholder(id, { ...extras, body, type }))
      .then(received)
      .catch(reportError)
    return
  }

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
    ...(hasAuthor && { author }),
    ...(quoted && {
      quotedMsg: { type: quoted.type, body: quoted.body },
      quotedStanzaID: quoted.id,
      quotedParticipant: WAWebWidFactory.createWid(quoted.participant),
    }),
  })
  if (remote.isNewsletter()) {
    takePost(msg)
    received()
    return
  }
  if (!fromMe) WAWebCollections.Contact.gadd(author).set({ pushname: message.pushName })
  WAWebCollections.Chat.enter(msg, { unread: !fromMe && type !== 'gp2' })
  const put = messageStorage.put('message', rowOf(msg))
  stored = Promise.all([put, stored]).then(received).catch(reportError)
}

/** What could not be decrypted before becomes what it is, in memory or only stored, where nobody sees it; any other stays. */
async function readPlaceholder(id: WAWebMsgKey, content: Record<string, unknown>): Promise<void> {
  const known = WAWebCollections.Msg.get(id)
  if (known) {
    if (known.type !== 'ciphertext') return
    known.set(content)
    return await messageStorage.put('message', rowOf(known))
  }
  const [row] = await messageStorage.messages([id.toString()])
  if (row?.attributes.type !== 'ciphertext') return
  await messageStorage.put('message', { ...row, attributes: { ...row.attributes, ...content } })
}

/** What was written in a channel. Its server has it, so that it is not stored. */
function takePost(msg: MsgModel): void {
  const channel = channels.get(msg.id.remote)
  channel?.msgs.add(WAWebCollections.Msg.add(msg))
  channel?.set({ t: msg.t, unreadCount: channel.unreadCount + 1 })
}

/** Nothing happens where the page does not have the message that it is about. */
async function takeAddOn(
  { t, extras }: WireMessage,
  type: AddOnType,
  key: WAWebMsgKey,
  author: WAWebWid,
): Promise<void> {
  const { target: about, addOn: fields } = extras as { target?: AddOnTarget; addOn?: AddOnFields }
  if (!about) return
  const keys = messageKeys(about.id, key.remote, WAWebWidFactory.createWid(`${about.writer}@c.us`))
  const { Msg } = WAWebCollections
  const inMemory = keys.map((each) => Msg.get(each)).find((found) => found !== undefined)
  const [row] = inMemory ? [] : await messageStorage.messages(keys.map(String))
  // What is only stored is changed there, and nobody sees it.
  const target = inMemory ?? (row && msgOf(row))
  if (target) await applyAddOn({ type, key, author, t, target, fields: fields ?? {} })
}

/** A message of ours was delivered or read. Raises its ack, in memory or only stored, wherever it is indexed. */
export function takeReceipt({ id, to, ack, people }: ReceiptFrame): void {
  const me = WAWebUserPrefsMeUser.getMaybeMePnUser()
  if (!me) return
  const keys = messageKeys(id, WAWebWidFactory.createWid(to.includes('@') ? to : `${to}@c.us`), me)
  storeReceipt(keys, ack, people).then(() => confirmReceipt(id, ack), reportError)
}

async function storeReceipt(keys: WAWebMsgKey[], ack: number, people: Receipt[]): Promise<void> {
  const inMemory = () => keys.map((key) => WAWebCollections.Msg.get(key)).find((found) => found !== undefined)
  const msg = inMemory()
  if (msg) {
    msg.updateAck(ack)
    await Promise.all([messageStorage.putSoon('message', rowOf(msg)), storePeople(msg.id, people)])
    return
  }
  const [row] = await messageStorage.messages(keys.map(String))
  if (!row) return
  await Promise.all([raise(row), storePeople(WAWebMsgKey.fromString(row.id), people)])

  async function raise(row: MessageRow): Promise<void> {
    if (Number(row.attributes.ack) >= ack) return
    await messageStorage.put('message', { ...row, attributes: { ...row.attributes, ack } })
    // Somebody may have asked for it while it was written.
    inMemory()?.updateAck(ack)
  }
}

/** What each addressee has of a message. */
async function storePeople(key: WAWebMsgKey, people: Receipt[]): Promise<void> {
  const { remote } = key
  const [parentMsgKey, chatId] = [key.toString(), remote.toString()]
  const group = groupMetadata.get(remote)
  const inGroup = ({ number, lid }: Receipt['who']) =>
    WAWebWidFactory.createWid(group?.isLidAddressingMode ? `${lid}@lid` : `${number}@c.us`)
  const rows = people.map(({ who, delivery, read }) => {
    numberBook.learn(who)
    const sender = String(remote.isUser() ? numberBook.chatWid(who) : inGroup(who))
    const id = `receipt ${parentMsgKey} ${sender}`
    return { id, table: 'receipt', parentMsgKey, chatId, sender, t: delivery ?? read ?? 0, delivery, read }
  })
  await Promise.all(rows.map((row) => messageStorage.putSoon('addOn', row)))
}

const confirmed: { id: string; ack: number }[] = []

/** Tells the server that a receipt is stored, so that it need not come again. Those of one turn go together. */
function confirmReceipt(id: string, ack: number): void {
  if (confirmed.push({ id, ack }) > 1) return
  queueMicrotask(() => wireLink.send({ t: 'receipts', receipts: confirmed.splice(0) }))
}

/** A group is new, or has changed. */
export function takeGroup({ group }: Extract<FrameFromServer, { t: 'group' }>): void {
  const metadata = groupMetadata.take(group)
  if (metadata.me || WAWebCollections.Chat.get(metadata.id)) WAWebCollections.Chat.open(metadata.id)
}

/** The account's phone did something with a chat. */
export function takeChatChange({ chatId, change }: Extract<FrameFromServer, { t: 'chat.changed' }>): void {
  const { Chat } = WAWebCollections
  const wid = WAWebWidFactory.createWid(chatId)
  const chat = Chat.get(wid) ?? Chat.get(numberBook.lidOf(wid)) ?? Chat.get(numberBook.phoneOf(wid))
  if (!chat) return
  if ('archived' in change) chat.set({ archive: change.archived })
  else if ('unread' in change) chat.set({ unreadCount: change.unread ? MARKED_AS_UNREAD : 0 })
  else void WAWebDeleteChatAction.sendDelete(chat).catch(reportError)
}
