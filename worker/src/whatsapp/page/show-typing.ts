import type { PageGlobals } from './page-globals.ts'

/** Runs in the page: what whatsapp-web.js does behind `Chat.sendStateTyping`, without looking the chat up before. */
export async function showTyping(chatId: string, isTyping: boolean): Promise<void> {
  const page = window as unknown as PageGlobals
  await page.WWebJS?.sendChatstate(isTyping ? 'typing' : 'stop', chatId)
}
