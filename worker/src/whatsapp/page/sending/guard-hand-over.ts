import type { Chat, HandOver, MsgKey, OutgoingMessage, PageGlobals, SendPromises } from '../page-globals.ts'

/**
 * Runs in the page, again before every send, in case the page's module was replaced. Wraps the one function through
 * which every message to a person or group passes: there the message gets the id chosen for it, and in the same turn
 * that hands it to WhatsApp it is checked whether it may leave (`take-over.ts`). Messages that are not
 * ours pass untouched.
 */
export function guardHandOver(): void {
  const page = window as unknown as PageGlobals
  const action = page.require('WAWebSendMsgChatAction')
  const stock = action.addAndSendMsgToChat
  if (stock.guardedBySessionGateway) return

  const rebuiltKey = (message: OutgoingMessage, id: string): MsgKey =>
    new (page.require('WAWebMsgKey'))({
      from: message.from,
      to: message.to,
      id,
      participant: message.id?.participant,
      selfDir: 'out',
    })

  /** WhatsApp Web makes the message of a forward itself, so that it has no marker. The oldest one that it fits is taken. */
  const forwardOf = (chat: Chat, { type }: OutgoingMessage): HandOver | undefined => {
    const { forwards } = page.sessionGatewayKit
    const place = forwards.findIndex((one) => one.chatId === chat.id._serialized && one.type === type)
    return place < 0 ? undefined : forwards.splice(place, 1)[0]?.handOver
  }

  /** @throws where it is not to be sent now; else WhatsApp has the message from this turn on */
  const takeOver = (
    chat: Chat,
    message: OutgoingMessage,
    promises: Promise<SendPromises>,
  ): OutgoingMessage => {
    const handOver = message.sessionGateway ?? forwardOf(chat, message)
    if (!handOver) return message
    delete message.sessionGateway
    // The library copies a media model with its private fields into the message, where `__x_id` hides the message's own id.
    for (const field of Object.keys(message))
      if (field.startsWith('__x_')) delete (message as unknown as Record<string, unknown>)[field]
    message.id = rebuiltKey(message, handOver.chosenId)
    page.sessionGatewayKit.takeOver(handOver)
    void page.sessionGatewayKit.followSend(handOver, promises)
    return message
  }

  const guarded: typeof stock = (chat, given, ...others) => {
    const promises = Promise.withResolvers<SendPromises>()
    // Nobody listens where the message is not ours.
    promises.promise.catch(() => {})
    try {
      const message =
        given instanceof Promise
          ? given.then((message) => takeOver(chat, message, promises.promise))
          : takeOver(chat, given, promises.promise)
      const made = stock.call(action, chat, message, ...others)
      promises.resolve(made)
      return made
    } catch (error) {
      promises.reject(error)
      throw error
    }
  }
  guarded.guardedBySessionGateway = true
  action.addAndSendMsgToChat = guarded
  if (!action.addAndSendMsgToChat.guardedBySessionGateway)
    throw new Error('the page does not let itself be guarded')
}
