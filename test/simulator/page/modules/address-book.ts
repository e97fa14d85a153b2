import type { ContactModel } from '../contact-collection.ts'
import { groupMetadata } from '../group-metadata.ts'
import { numberBook } from '../number-book.ts'
import { wireLink } from '../wire-link.ts'
import { WAWebCollections } from './wa-web-collections.ts'
import type { WAWebWid } from './wa-web-wid.ts'
import { WAWebWidFactory } from './wa-web-wid-factory.ts'

/** The address book of the account, and the groups in which it meets a person. */
async function note(number: string, name: string | undefined): Promise<void> {
  await wireLink.query('contact.note', { number, ...(name !== undefined && { name }) })
  nameContacts({ [number]: name })
}

/** Names the contacts of numbers, under the number and under the LID where the page has that one. */
export function nameContacts(names: Record<string, string | undefined>): void {
  for (const [number, name] of Object.entries(names)) {
    const wid = WAWebWidFactory.createWid(`${number}@c.us`)
    WAWebCollections.Contact.gadd(wid).set({ name })
    const lid = numberBook.lidOf(wid)
    if (lid) WAWebCollections.Contact.get(lid)?.set({ name })
  }
}

export const WAWebSaveContactAction = {
  async saveContactAction({
    firstName,
    lastName,
    phoneNumber,
  }: {
    firstName: string
    lastName: string
    phoneNumber: string
    prevPhoneNumber: string
    syncToAddressbook: boolean
    username: undefined
  }): Promise<void> {
    await note(phoneNumber, [firstName, lastName].filter(Boolean).join(' '))
  },
}

export const WAWebDeleteContactAction = {
  deleteContactAction: async ({ phoneNumber }: { phoneNumber: WAWebWid }): Promise<void> =>
    await note(phoneNumber.user, undefined),
}

export const WAWebFindCommonGroupsContactAction = {
  async findCommonGroups(contact: ContactModel): Promise<boolean> {
    const number = numberBook.phoneOf(contact.id) ?? contact.id
    const isIn = (id: WAWebWid) => (numberBook.phoneOf(id) ?? id).user === number.user
    const groups = groupMetadata.filter(({ participants }) =>
      participants.getModelsArray().some(({ id }) => isIn(id)),
    )
    contact.commonGroups = { serialize: () => groups.map(({ id }) => ({ id })) }
    return true
  },
}
