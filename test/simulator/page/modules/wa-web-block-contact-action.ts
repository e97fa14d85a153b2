import { blocklist } from '../blocklist.ts'
import type { ContactModel } from '../contact-collection.ts'
import { numberBook } from '../number-book.ts'
import { wireLink } from '../wire-link.ts'

async function tell({ id }: ContactModel, blocked: boolean): Promise<void> {
  const { user } = numberBook.phoneOf(id) ?? id
  await wireLink.query('block.set', { number: user, blocked })
}

export const WAWebBlockContactAction = {
  async blockContact({ contact }: { contact: ContactModel }): Promise<void> {
    await tell(contact, true)
    blocklist.block(contact.id)
    contact.set({ isContactBlocked: true })
  },
  async unblockContact(contact: ContactModel): Promise<void> {
    await tell(contact, false)
    blocklist.unblock(contact.id)
    contact.set({ isContactBlocked: false })
  },
}

/** Without the function that the library calls before it blocks. */
export const WAWebBlockContactUtils = {}
