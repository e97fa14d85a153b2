import { blocklist } from '../blocklist.ts'
import { channels, newsletterMetadata } from '../channel-collection.ts'
import { ChatCollection } from '../chat-collection.ts'
import { Collection } from '../collection.ts'
import { ContactCollection } from '../contact-collection.ts'
import { groupMetadata } from '../group-metadata.ts'
import { labels } from '../label-collection.ts'
import type { Model } from '../model.ts'
import { MsgCollection } from '../msg-collection.ts'
import { profilePicThumbs } from '../profile-pic-thumbs.ts'
import { reactionsCollection } from '../reactions-collection.ts'
import type { WAWebWid } from './wa-web-wid.ts'

/** A collection of what is not simulated yet: there, and empty. */
class EmptyCollection extends Collection<Model<object> & { id: WAWebWid }> {
  async find(_id: unknown): Promise<undefined> {
    return undefined
  }
  async update(_id: unknown): Promise<void> {}
}

const Msg = new MsgCollection()
const Contact = new ContactCollection()

export const WAWebCollections = {
  Msg,
  Contact,
  Chat: new ChatCollection(Contact, Msg),
  Blocklist: blocklist,
  BusinessProfile: new EmptyCollection(),
  GroupMetadata: groupMetadata,
  Label: labels,
  NewsletterMetadataCollection: newsletterMetadata,
  ProfilePicThumb: profilePicThumbs,
  Reactions: reactionsCollection,
  Status: new EmptyCollection(),
  WAWebNewsletterCollection: channels,
}
