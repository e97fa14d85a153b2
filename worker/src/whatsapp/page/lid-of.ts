import type { PageGlobals } from './page-globals.ts'

/** Runs in the page. @returns the hidden identity that goes with a person's chat, where the page has learned it */
export function lidOf(chatId: string): string | null {
  const page = window as unknown as PageGlobals
  const wid = page.require('WAWebWidFactory').createWid(chatId)
  if (wid.isLid()) return chatId
  return page.require('WAWebApiContact').getCurrentLid(wid)?._serialized ?? null
}
