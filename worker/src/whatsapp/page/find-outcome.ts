import type { PageGlobals } from './page-globals.ts'

export interface PageFinding {
  ack: number
  messageId: string
}

/** Runs in the page. @returns null where the page does not know the message */
export async function findOutcome(messageId: string, chatId: string | null): Promise<PageFinding | null> {
  const page = window as unknown as PageGlobals
  const message = await page.sessionGatewayKit.findMessage(messageId, chatId)
  return message ? { ack: message.ack, messageId: message.id.toString() } : null
}
