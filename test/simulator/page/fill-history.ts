import type { AccountSwitches } from '../server/settings.ts'
import { ChatModel } from './chat-model.ts'
import { messageStorage } from './message-storage.ts'
import { WAWebCollections } from './modules/wa-web-collections.ts'
import { WAWebUserPrefsMeUser } from './modules/wa-web-user-prefs-me-user.ts'
import type { WAWebWid } from './modules/wa-web-wid.ts'
import { WAWebWidFactory } from './modules/wa-web-wid-factory.ts'

const MINUTE_S = 60

/**
 * An account that was used for years: people in the address book, and chats with the first of them, the newest one first. Resolves
 * when the messages of that chat are stored.
 */
export async function fillHistory(history: NonNullable<AccountSwitches['history']>): Promise<void> {
  const { chats, contacts, messages = 0 } = history
  const now = Math.floor(Date.now() / 1000)
  for (let index = 0; index < Math.max(chats, contacts); index++) {
    const id = WAWebWidFactory.createWid(`1555${String(index).padStart(7, '0')}@c.us`)
    const contact = WAWebCollections.Contact.gadd(id)
    if (index < contacts) contact.set({ name: `Person ${index}` })
    if (index >= chats) continue
    const chat = new ChatModel({ id, t: now - (index + 1) * MINUTE_S }, contact)
    WAWebCollections.Chat.add(chat)
    if (index === 0) await storeMessages(id, { count: messages, newest: chat.t })
  }
}

/** What two people wrote in turn, one message a minute. The same ones at every load. */
async function storeMessages(
  chatId: WAWebWid,
  { count, newest }: { count: number; newest: number },
): Promise<void> {
  const other = chatId.toString()
  const me = String(WAWebUserPrefsMeUser.getMaybeMePnUser())
  const writes: Promise<void>[] = []
  for (let index = count - 1; index >= 0; index--) {
    const fromMe = index % 2 === 1
    const id = `${fromMe}_${chatId}_3EB0${String(index).padStart(18, '0')}`
    if (messageStorage.hasMessage(id)) return
    const [from, to] = fromMe ? [me, other] : [other, me]
    const t = newest - index * MINUTE_S
    const attributes = { from, to, body: `Message ${index}`, type: 'chat', t, ack: 3 }
    const rowId = messageStorage.nextRowId()
    writes.push(messageStorage.put('message', { id, chatId: other, rowId, attributes }))
  }
  await Promise.all(writes)
}
