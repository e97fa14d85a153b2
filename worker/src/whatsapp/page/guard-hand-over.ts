import type { HandOver, MsgKey, OutgoingMessage, PageGlobals } from './page-globals.ts'

/**
 * Runs in the page, again before every send, in case the page's module was replaced. Wraps the one function through
 * which every message to a person or group passes: there the message gets the id chosen for it, and in the same turn
 * that hands it to WhatsApp its deadline is checked. Messages without our marker pass untouched.
 */
export function guardHandOver(): void {
  const page = window as unknown as PageGlobals
  const action = page.require('WAWebSendMsgChatAction')
  const stock = action.addAndSendMsgToChat
  if (stock.guardedBySessionGateway) return
  const rebuilt = (message: OutgoingMessage, id: string): MsgKey =>
    new (page.require('WAWebMsgKey'))({
      from: message.from,
      to: message.to,
      id,
      participant: message.id.participant,
      selfDir: 'out',
    })
  const guarded: typeof stock = (chat, message) => {
    const handOver: HandOver | undefined = message.sessionGateway
    if (!handOver) return stock.call(action, chat, message)
    delete message.sessionGateway
    message.id = rebuilt(message, handOver.chosenId)
    if (handOver.stage === 'late' || Date.now() > handOver.deadline) {
      handOver.stage = 'late'
      throw new Error('the deadline is over')
    }
    handOver.stage = 'handed_over'
    const promises = stock.call(action, chat, message)
    handOver.added = promises[0]
    return promises
  }
  guarded.guardedBySessionGateway = true
  action.addAndSendMsgToChat = guarded
  if (!action.addAndSendMsgToChat.guardedBySessionGateway)
    throw new Error('the page does not let itself be guarded')
}
