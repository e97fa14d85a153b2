import type { OperationInput } from '@wsg/shared/operations/operations.ts'
import type { PageGlobals, Wid } from './page-globals.ts'

/**
 * Runs in the page: a real round trip through its message store, because a wedged page still says CONNECTED. Before
 * the login there is no store to ask. @returns WhatsApp Web's own word for its connection
 */
export async function roundTrip(): Promise<string> {
  const page = window as unknown as PageGlobals
  const { Socket } = page.require('WAWebSocketModel')
  if (Socket.hasSynced) await page.require('WAWebCollections').Msg.getMessagesById(['true_0@c.us_0'])
  return Socket.state
}

/** Runs in the page. @param person a number in digits, or a chat id */
export function widOf(person: string): Wid {
  const { createWid } = (window as unknown as PageGlobals).require('WAWebWidFactory')
  return createWid(person.includes('@') ? person : `${person}@c.us`)
}

/** Runs in the page. @returns a person's number for a hidden identity, and the other way round, where the page has learned it */
export function otherIdentityOf(wid: Wid): Wid | undefined {
  const contacts = (window as unknown as PageGlobals).require('WAWebApiContact')
  if (wid.isLid()) return contacts.getPhoneNumber(wid)
  return wid.server === 'c.us' ? contacts.getCurrentLid(wid) : undefined
}

/** Runs in the page. @returns the hidden identity that goes with a person's chat, where the page has learned it */
export function lidOf(chatId: string): string | null {
  const page = window as unknown as PageGlobals
  const wid = page.require('WAWebWidFactory').createWid(chatId)
  if (wid.isLid()) return chatId
  return page.sessionGatewayKit.otherIdentityOf(wid)?._serialized ?? null
}

/** Runs in the page: what whatsapp-web.js does behind `Chat.sendStateTyping`, without looking the chat up before. */
export async function showState(
  chatId: string,
  state: OperationInput<'chat.typing'>['state'],
): Promise<void> {
  const page = window as unknown as PageGlobals
  await page.WWebJS?.sendChatstate(state === 'paused' ? 'stop' : state, chatId)
}

/** Runs in the page: unlinks this device at WhatsApp. The page reloads itself soon after. */
export async function logOut(): Promise<void> {
  await (window as unknown as PageGlobals).require('WAWebSocketModel').Socket.logout()
}

/**
 * Runs in the page: holds an answer until the debugger has read it. V8 itself holds it no longer than until it is settled,
 * and where it cleans up its memory in that very moment it says "Promise was collected" of a call that went well.
 */
export function keep<T>(answer: T | Promise<T>): Promise<T> {
  const { kept } = (window as unknown as PageGlobals).sessionGatewayKit
  const promise = Promise.resolve(answer)
  kept.add(promise)
  // The debugger reads it together with the first of the two.
  void promise.catch(() => {}).then(() => kept.delete(promise))
  return promise
}
