import { ChatModel } from './chat-model.ts'
import { WAWebCollections } from './modules/wa-web-collections.ts'
import { WAWebWidFactory } from './modules/wa-web-wid-factory.ts'

const MINUTE_S = 60

/** An account that was used for years: people in the address book, and chats with the first of them, the newest one first. */
export function fillHistory({ chats, contacts }: { chats: number; contacts: number }): void {
  const now = Math.floor(Date.now() / 1000)
  for (let index = 0; index < Math.max(chats, contacts); index++) {
    const id = WAWebWidFactory.createWid(`1555${String(index).padStart(7, '0')}@c.us`)
    const contact = WAWebCollections.Contact.gadd(id)
    if (index < contacts) contact.set({ name: `Person ${index}` })
    if (index < chats)
      WAWebCollections.Chat.add(new ChatModel({ id, t: now - (index + 1) * MINUTE_S }, contact))
  }
}
