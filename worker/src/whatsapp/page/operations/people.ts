import type { OperationOutput } from '@wsg/shared/operations/operations.ts'
import type { PageGlobals, PageModules, Wid } from '../page-globals.ts'
import type { PageOperations } from './page-operation.ts'

/** Somebody as the page's collection of contacts holds one. */
export interface Contact {
  id: Wid
  commonGroups?: { serialize(): { id: Wid | string }[] }
}

interface BusinessProfile {
  description?: string
  email?: string
  address?: string
  website?: (string | { url?: string })[]
  categories?: { localized_display_name?: string }[]
}

interface PeopleModules extends PageModules {
  WAWebContactGetters: {
    getName(contact: Contact): string | undefined
    getPushname(contact: Contact): string | undefined
    getIsBusiness(contact: Contact): boolean | undefined
    getIsMe(contact: Contact): boolean
  }
  WAWebFindCommonGroupsContactAction: { findCommonGroups(contact: Contact): Promise<unknown> }
  WAWebSaveContactAction: {
    saveContactAction(contact: {
      firstName: string
      lastName: string
      phoneNumber: string
      prevPhoneNumber: string
      syncToAddressbook: boolean
      username: undefined
    }): Promise<unknown>
  }
  WAWebDeleteContactAction: { deleteContactAction(what: { phoneNumber: Wid }): Promise<unknown> }
  WAWebBlockContactAction: {
    blockContact(what: { contact: Contact }): Promise<unknown>
    unblockContact(contact: Contact): Promise<unknown>
  }
  WAWebCollections: PageModules['WAWebCollections'] & {
    Contact: {
      get(id: Wid): Contact | undefined
      getModelsArray(): Contact[]
      find(id: Wid): Promise<Contact>
    }
    Blocklist: { get(id: Wid): object | undefined; getModelsArray(): { id: Wid }[] }
    BusinessProfile: { find(id: Wid): Promise<BusinessProfile | undefined> }
  }
}

/** What `describeContact` uses. */
const DESCRIBED = [
  'WAWebContactGetters.getName',
  'WAWebContactGetters.getPushname',
  'WAWebContactGetters.getIsBusiness',
  'WAWebCollections.Blocklist.get',
] as const

export const people = {
  'lid.get': {
    on: 'contact',
    needs: [],
    run: (_input, { contact, kit }) => ({ output: kit.describePerson(contact.id) }),
  },

  'contact.list': {
    needs: [
      ...DESCRIBED,
      'WAWebCollections.Contact.getModelsArray',
      'WAWebCollections.Contact.get',
      'WAWebContactGetters.getIsMe',
      'WAWebApiContact.getCurrentLid',
      'WAWebApiContact.getPhoneNumber',
    ],
    run: ({ limit, cursor, saved, blocked, name }, { page, kit }) => {
      const { Contact: contacts } = page.require('WAWebCollections')
      const { getName, getPushname, getIsMe } = page.require('WAWebContactGetters')
      const part = name?.toLowerCase()
      const isWanted = (contact: Contact) => {
        const { id } = contact
        if ((id.server !== 'c.us' && !id.isLid()) || getIsMe(contact)) return false
        // Who is known under both is told once.
        const number = id.isLid() ? kit.otherIdentityOf(id) : undefined
        if (number && contacts.get(number)) return false
        const isNamed = (by: string) =>
          [getName(contact), getPushname(contact)].some((one) => one?.toLowerCase().includes(by))
        return (
          (saved === undefined || saved === Boolean(getName(contact))) &&
          (blocked === undefined || blocked === kit.isBlocked(id)) &&
          (part === undefined || isNamed(part))
        )
      }
      const { items, nextCursor } = kit.pageOf(
        contacts.getModelsArray().filter(isWanted),
        { limit, cursor },
        ({ id }) => ({ rank: 0, id: id._serialized }),
      )
      return { output: { items: items.map(kit.describeContact), nextCursor } }
    },
  },

  'contact.get': {
    on: 'contact',
    needs: [
      ...DESCRIBED,
      'WAWebContactStatusBridge.getStatus',
      'WAWebContactProfilePicThumbBridge.requestProfilePicFromServer',
      'WAWebFindCommonGroupsContactAction.findCommonGroups',
    ],
    run: async (_input, { contact, page, kit }) => {
      const { id: wid } = contact
      const askedTooOften = 429
      let isTooOften = false
      /** Null where the server says that this person does not show it. */
      const shown = async <T>(asked: Promise<T>): Promise<T | null> => {
        try {
          return await asked
        } catch (error) {
          const { name, status } = error as Error & { status?: unknown }
          if (name !== 'ServerStatusCodeError') throw error
          isTooOften ||= status === askedTooOften
          return null
        }
      }
      const findBusiness = async () => {
        const { BusinessProfile } = page.require('WAWebCollections')
        const profile = kit.describeContact(contact).isBusiness ? await BusinessProfile.find(wid) : undefined
        if (!profile) return null
        const { description, email, address, website = [], categories = [] } = profile
        return {
          ...(description && { description }),
          ...(email && { email }),
          ...(address && { address }),
          websites: website.map((one) => (typeof one === 'string' ? one : (one.url ?? ''))).filter(Boolean),
          categories: categories.map((one) => one.localized_display_name ?? '').filter(Boolean),
        }
      }
      const [about, picture, , business] = await Promise.all([
        shown(page.require('WAWebContactStatusBridge').getStatus({ token: '', wid })),
        shown(page.require('WAWebContactProfilePicThumbBridge').requestProfilePicFromServer(contact)),
        page.require('WAWebFindCommonGroupsContactAction').findCommonGroups(contact),
        shown(findBusiness()),
      ])
      if (isTooOften || about?.status === askedTooOften)
        return { refused: 'too_many_reads', detail: 'WhatsApp says that it was asked too often (429).' }
      const groups = contact.commonGroups?.serialize() ?? []
      return {
        output: {
          ...kit.describeContact(contact),
          // Where it is not shown there is a number in its place.
          about: typeof about?.status === 'string' ? about.status : null,
          picture: picture?.eurl ?? null,
          commonGroups: groups.map(({ id }) => (typeof id === 'string' ? id : id._serialized)),
          business,
        },
      }
    },
  },

  'contact.save': {
    on: 'contact',
    needs: [...DESCRIBED, 'WAWebSaveContactAction.saveContactAction'],
    run: async ({ firstName, lastName = '', syncToPhone }, { contact, page, kit, deadline }) => {
      const { phone } = kit.describePerson(contact.id)
      if (phone === undefined)
        return {
          refused: 'contact_not_found',
          detail: 'WhatsApp Web does not know the number of this person.',
        }
      await page.require('WAWebSaveContactAction').saveContactAction({
        ...{ firstName, lastName, phoneNumber: phone, prevPhoneNumber: phone },
        ...{ syncToAddressbook: syncToPhone, username: undefined },
      })
      const isNamed = () => kit.describeContact(contact).name?.includes(firstName) === true
      await kit.becomesTrue(isNamed, Math.min(deadline, Date.now() + 2_000))
      return { output: kit.describeContact(contact) }
    },
  },

  'contact.delete': {
    on: 'contact',
    needs: [...DESCRIBED, 'WAWebDeleteContactAction.deleteContactAction', 'WAWebWidFactory.createWid'],
    run: async (_input, { contact, page, kit, deadline }) => {
      const { phone } = kit.describePerson(contact.id)
      if (phone !== undefined && kit.describeContact(contact).saved) {
        const phoneNumber = page.require('WAWebWidFactory').createWid(`${phone}@c.us`)
        await page.require('WAWebDeleteContactAction').deleteContactAction({ phoneNumber })
      }
      await kit.becomesTrue(() => !kit.describeContact(contact).saved, Math.min(deadline, Date.now() + 2_000))
      return { output: kit.describeContact(contact) }
    },
  },

  'contact.block': {
    on: 'contact',
    needs: [...DESCRIBED, 'WAWebBlockContactAction.blockContact', 'WAWebCollections.Contact.find'],
    run: async (_input, { contact, page, kit, deadline }) => {
      // The server refuses numbers where it knows the hidden identity.
      const lid = contact.id.isLid() ? contact.id : kit.otherIdentityOf(contact.id)
      const named = lid ? await page.require('WAWebCollections').Contact.find(lid) : contact
      if (!kit.isBlocked(contact.id))
        await page.require('WAWebBlockContactAction').blockContact({ contact: named })
      return await kit.onceShown(
        () => kit.isBlocked(contact.id),
        () => kit.describeContact(contact),
        deadline,
      )
    },
  },

  'contact.unblock': {
    on: 'contact',
    needs: [...DESCRIBED, 'WAWebBlockContactAction.unblockContact', 'WAWebCollections.Contact.find'],
    run: async (_input, { contact, page, kit, deadline }) => {
      const lid = contact.id.isLid() ? contact.id : kit.otherIdentityOf(contact.id)
      const named = lid ? await page.require('WAWebCollections').Contact.find(lid) : contact
      if (kit.isBlocked(contact.id)) await page.require('WAWebBlockContactAction').unblockContact(named)
      return await kit.onceShown(
        () => !kit.isBlocked(contact.id),
        () => kit.describeContact(contact),
        deadline,
      )
    },
  },

  'blocked.list': {
    needs: [
      'WAWebCollections.Blocklist.getModelsArray',
      'WAWebApiContact.getCurrentLid',
      'WAWebApiContact.getPhoneNumber',
    ],
    run: (input, { page, kit }) => {
      const blocked = page.require('WAWebCollections').Blocklist.getModelsArray()
      const { items, nextCursor } = kit.pageOf(blocked, input, ({ id }) => ({ rank: 0, id: id._serialized }))
      return { output: { items: items.map(({ id }) => kit.describePerson(id)), nextCursor } }
    },
  },
} satisfies PageOperations<PeopleModules>

/**
 * Runs in the page.
 * @param contactId a person's number in digits, a hidden identity, or a chat id that the server has told
 * @returns the contact, under whichever of its identities the page has one; somebody whom the server has told is one anew
 */
export async function findContact(contactId: string): Promise<Contact | undefined> {
  const page = window as unknown as PageGlobals<PeopleModules>
  const { Contact: contacts } = page.require('WAWebCollections')
  const wid = page.sessionGatewayKit.widOf(contactId)
  const other = page.sessionGatewayKit.otherIdentityOf(wid)
  const known = contacts.get(wid) ?? (other && contacts.get(other))
  return known ?? (other || contactId.endsWith('@c.us') ? await contacts.find(wid) : undefined)
}

/** Runs in the page: somebody by all ids that the page knows. */
export function describePerson(id: Wid): OperationOutput<'lid.get'> {
  const { identitiesOf } = (window as unknown as PageGlobals).sessionGatewayKit
  return { id: id._serialized, ...identitiesOf(id) }
}

/** Runs in the page: whether the account has blocked somebody, under one identity or the other. */
export function isBlocked(id: Wid): boolean {
  const page = window as unknown as PageGlobals<PeopleModules>
  const { Blocklist } = page.require('WAWebCollections')
  const other = page.sessionGatewayKit.otherIdentityOf(id)
  return Boolean(Blocklist.get(id) ?? (other && Blocklist.get(other)))
}

/** Runs in the page: somebody as callers are told of them. */
export function describeContact(contact: Contact): OperationOutput<'contact.list'>['items'][number] {
  const page = window as unknown as PageGlobals<PeopleModules>
  const { describePerson, isBlocked } = page.sessionGatewayKit
  const { getName, getPushname, getIsBusiness } = page.require('WAWebContactGetters')
  const name = getName(contact)
  return {
    ...describePerson(contact.id),
    name: name || null,
    pushName: getPushname(contact) || null,
    isBusiness: getIsBusiness(contact) === true,
    saved: Boolean(name),
    blocked: isBlocked(contact.id),
  }
}
