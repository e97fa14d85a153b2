import type { ContactModel } from '../contact-collection.ts'
import { WAWebUserPrefsMeUser } from './wa-web-user-prefs-me-user.ts'

/** WAWebContactGetters and its kin: what is known of a contact, each by a function of its own. */
export const WAWebContactGetters = {
  getIsMe: (contact: ContactModel) => WAWebUserPrefsMeUser.isMeAccount(contact.id),
  getIsUser: (contact: ContactModel) => contact.id.isUser(),
  getIsGroup: (contact: ContactModel) => contact.id.isGroup(),
  getIsWAContact: (contact: ContactModel) => contact.id.isUser(),
  getUserid: (contact: ContactModel) => (contact.phoneNumber ?? contact.id).user,
  getVerifiedName: (_contact: ContactModel) => undefined,
  getVerifiedLevel: (_contact: ContactModel) => undefined,
  getStatusMute: (_contact: ContactModel) => false,
  getName: (contact: ContactModel) => contact.name,
  getShortName: (contact: ContactModel) => contact.name?.split(' ')[0],
  getPushname: (contact: ContactModel) => contact.pushname,
  getIsBusiness: (contact: ContactModel) => contact.isBusiness,
  getIsEnterprise: (contact: ContactModel) => contact.isEnterprise,
}

export const WAWebFrontendContactGetters = {
  getIsMyContact: (contact: ContactModel) => contact.name !== undefined,
}
