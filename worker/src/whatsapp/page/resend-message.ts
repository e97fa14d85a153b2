import type { PageGlobals } from './page-globals.ts'
import type { PageSendOutcome } from './send-message.ts'

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
    // It may resolve as late as the server's ack, which is told by an event.
    Promise.resolve(resendMsg(message)).catch(() => {})
  }
  return { outcome: 'handed_over', messageId: message.id.toString() }
}
