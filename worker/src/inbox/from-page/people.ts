import type { Member, Person } from '@wsg/shared/events/person.ts'
import type { PagePerson } from '../../whatsapp/page/person-of.ts'

/** A chat by all ids that are known of it, the one that WhatsApp uses first. */
export function chatIds({ id, phone, lid }: PagePerson): string[] {
  return [...new Set([id, phone, lid].filter((one) => one !== undefined))]
}

/** Number and hidden identity of a person, whatever of them is known; nothing of a group. */
export function knownIds({ phone, lid }: PagePerson): Pick<Person, 'phone' | 'lid'> {
  return {
    ...(phone !== undefined && { phone: phone.replace(/@.*/, '') }),
    ...(lid !== undefined && { lid }),
  }
}

export function memberOf(person: PagePerson): Member {
  return { id: person.id, ...knownIds(person) }
}

export function chatFieldsOf(chat: PagePerson): { chatId: string } & Pick<Person, 'phone' | 'lid'> {
  return { chatId: chat.id, ...knownIds(chat) }
}
