import type { Message } from './operations/messages.ts'
import type { HandOver, Msg, PageGlobals, SendPromises, SendResult } from './page-globals.ts'
import type { PageSendOutcome } from './sending/send-message.ts'

export interface PageFinding {
  ack: number
  messageId: string
}

/**
 * Runs in the page: looks for one of our own messages by its id part, in memory, then in the page's store under
 * every chat and both identities that it could be kept under. What is found in the store is in memory from then on, so
 * that the page tells of its acks. @returns null where the page does not know it
 */
export async function findMessage(messageId: string, chatId: string | null): Promise<Msg | null> {
  const page = window as unknown as PageGlobals
  const { Msg: messages, Chat: chats } = page.require('WAWebCollections')
  const isIt = ({ id, type, protocolMessageKey }: Msg) =>
    id.fromMe && (id.id === messageId || (type === 'revoked' && protocolMessageKey?.id === messageId))

  const inMemory = messages.getModelsArray().find(isIt)
  if (inMemory) return inMemory

  // The store answers only for chats that are in memory.
  if (chatId) await page.WWebJS?.getChat(chatId, { getAsModel: false }).catch(() => undefined)
  const { createWid } = page.require('WAWebWidFactory')
  const { getMaybeMeLidUser, getMaybeMePnUser } = page.require('WAWebUserPrefsMeUser')
  const me = [getMaybeMePnUser(), getMaybeMeLidUser()].filter((wid) => wid !== undefined)
  const wids = [
    ...(chatId ? [createWid(chatId)] : []),
    ...chats.getModelsArray().map((chat) => chat.id),
    ...me,
  ]
  const keys = wids.flatMap((wid) => {
    const remote = wid._serialized
    // Own messages in a group, and a status, carry who sent them, by number or LID; those to oneself their direction.
    if (wid.isGroup() || wid.server === 'broadcast')
      return me.map((own) => `true_${remote}_${messageId}_${own._serialized}`)
    const other = page.sessionGatewayKit.otherIdentityOf(wid)
    const remotes = [remote, ...(other ? [other._serialized] : [])]
    return remotes.flatMap((id) => [`true_${id}_${messageId}`, `true_${id}_${messageId}_out`])
  })
  const stored = await messages.getMessagesById([...new Set(keys)])
  return stored?.messages.find(isIt) ?? null
}

/**
 * Runs in the page: looks for any message by WhatsApp's full id, in memory, then in the page's store. People may be in its
 * key by number or by hidden identity, whichever the id has. What was deleted for everyone is found while it is in memory. An id part alone is looked for among our own messages.
 */
export async function findAnyMessage(fullId: string): Promise<Message | undefined> {
  const page = window as unknown as PageGlobals
  const { findMessage, otherIdentityOf } = page.sessionGatewayKit
  if (!fullId.includes('_')) return ((await findMessage(fullId, null)) ?? undefined) as Message | undefined
  const { Msg: messages } = page.require('WAWebCollections')
  /** A part of a key, as it is and with the person's other identity. */
  const spellingsOf = (part: string): string[] => {
    if (!part.includes('@')) return [part]
    const other = otherIdentityOf(page.require('WAWebWidFactory').createWid(part))
    return other ? [part, other._serialized] : [part]
  }
  const keys = fullId
    .split('_')
    .reduce((begun, part) => begun.flatMap((start) => spellingsOf(part).map((end) => [...start, end])), [
      [],
    ] as string[][])
    .map((parts) => parts.join('_'))
  const wasIt = ({ type, protocolMessageKey }: Msg) =>
    type === 'revoked' && protocolMessageKey !== undefined && keys.includes(protocolMessageKey.toString())
  const inMemory =
    keys.map((key) => messages.get(key)).find((message) => message !== undefined) ??
    messages.getModelsArray().find(wasIt)
  return (inMemory ?? (await messages.getMessagesById(keys))?.messages[0]) as Message | undefined
}

/** Runs in the page. @returns null where the page does not know the message */
export async function findOutcome(messageId: string, chatId: string | null): Promise<PageFinding | null> {
  const page = window as unknown as PageGlobals
  const message = await page.sessionGatewayKit.findMessage(messageId, chatId)
  if (!message) return null
  // What is posted gets ack -1 whatever went wrong.
  const isPost = ['broadcast', 'newsletter'].includes(message.id.remote.server)
  return { ack: isPost ? Math.max(0, message.ack) : message.ack, messageId: message.id.toString() }
}

/**
 * Runs in the page: reads messages by WhatsApp's full ids, all with one look into its store. What is found is in memory
 * from then on, so that the page tells of its acks. @returns the acks above 0, by id part
 */
export async function readAcks(fullIds: readonly string[]): Promise<{ id: string; ack: number }[]> {
  const page = window as unknown as PageGlobals
  const { Msg: messages, Chat: chats } = page.require('WAWebCollections')
  const { createWid } = page.require('WAWebWidFactory')
  // The store answers only for chats that are in memory.
  const unloaded = [...new Set(fullIds.map((id) => id.split('_')[1] ?? ''))].filter(
    (chatId) => !chats.get(createWid(chatId)),
  )
  await Promise.all(
    unloaded.map((chatId) => page.WWebJS?.getChat(chatId, { getAsModel: false }).catch(() => undefined)),
  )
  const stored = await messages.getMessagesById(fullIds)
  return (stored?.messages ?? []).flatMap(({ id: { id }, ack }) => (ack > 0 ? [{ id, ack }] : []))
}

/**
 * Runs in the page: has it send one of our messages again that it holds without an ack, under its old id. What was acked
 * meanwhile, or is on its way again, is left alone. @returns null where the page does not know the message
 */
export async function resendMessage(given: {
  messageId: string
  chatId: string
  deadline: number
}): Promise<PageSendOutcome | null> {
  const page = window as unknown as PageGlobals
  const message = await page.sessionGatewayKit.findMessage(given.messageId, given.chatId)
  if (!message) return null
  if (message.ack <= 0 && message.isSendFailure) {
    const { resendMsg } = page.require('WAWebResendMsgAction')
    if (Date.now() > given.deadline) return { outcome: 'late' }
    if (page.require('WAWebSocketModel').Socket.state !== 'CONNECTED') return { outcome: 'not_reached' }
    const handOver: HandOver = {
      chosenId: given.messageId,
      chatId: given.chatId,
      fullId: message.id.toString(),
      deadline: given.deadline,
      stage: 'handed_over',
      isRefused: false,
    }
    const promises = Promise.withResolvers<SendPromises>()
    // First, because it hears what is said while the page begins.
    void page.sessionGatewayKit.followSend(handOver, promises.promise)
    const resent = async (): Promise<SendResult> => {
      const messageSendResult = await resendMsg(message)
      return messageSendResult === undefined ? {} : { messageSendResult }
    }
    promises.resolve([Promise.resolve(message), resent()])
  }
  return { outcome: 'handed_over', messageId: message.id.toString() }
}
