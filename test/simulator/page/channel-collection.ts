import type { WireChannel } from '../wire.ts'
import { Collection } from './collection.ts'
import { Model } from './model.ts'
import type { WAWebWid } from './modules/wa-web-wid.ts'
import { WAWebWidFactory } from './modules/wa-web-wid-factory.ts'
import type { MsgModel } from './msg-model.ts'
import { wireLink } from './wire-link.ts'

interface MetadataAttributes {
  id: WAWebWid
  name: string
  description: string
  inviteCode: string
  creationTime: number
  membershipType: WireChannel['role']
  size: number
  verified: boolean
  reactionCodesSetting: number
}

class NewsletterMetadata extends Model<MetadataAttributes> {
  declare id: WAWebWid
  declare membershipType: WireChannel['role']

  iAmOwner(): boolean {
    return this.membershipType === 'owner'
  }
  iAmAdmin(): boolean {
    return this.membershipType === 'admin'
  }
}

interface ChannelAttributes {
  id: WAWebWid
  name: string
  t: number
  unreadCount: number
  muteExpiration: number
}

/** One channel, as a chat that only its admins write in. */
export class Channel extends Model<ChannelAttributes> {
  declare id: WAWebWid
  declare t: number
  declare unreadCount: number
  declare muteExpiration: number
  picture: string | undefined
  readonly msgs = new Collection<MsgModel>()
  readonly newsletterMetadata: NewsletterMetadata

  constructor(channel: WireChannel) {
    const id = WAWebWidFactory.createWid(channel.id)
    super({ id, name: channel.name, t: channel.creation, unreadCount: 0, muteExpiration: muteOf(channel) })
    this.picture = channel.picture
    this.newsletterMetadata = new NewsletterMetadata(metadataOf(channel))
  }

  get mute(): { expiration: number } {
    return { expiration: this.muteExpiration }
  }
}

/** What somebody only looks at is muted. */
function muteOf({ muted, role }: WireChannel): number {
  return muted || role === 'guest' ? -1 : 0
}

function metadataOf(channel: WireChannel): MetadataAttributes {
  const { id, name, description, inviteCode, creation, role, size, reactions } = channel
  return {
    ...{ id: WAWebWidFactory.createWid(id), name, description, inviteCode, size },
    ...{ creationTime: creation, membershipType: role, verified: false, reactionCodesSetting: reactions },
  }
}

/** The channels that the account has made, reads, or has looked at while this document was open. */
class ChannelCollection extends Collection<Channel> {
  take(channel: WireChannel): Channel {
    const known = this.get(channel.id)
    known?.newsletterMetadata.set(metadataOf(channel))
    known?.set({ name: channel.name, muteExpiration: muteOf(channel) })
    if (known) known.picture = channel.picture
    return known ?? this.add(new Channel(channel))
  }

  /** What the server has of a channel. Rejects where there is none. */
  async find(id: string | WAWebWid): Promise<Channel> {
    return this.take(await wireLink.query('channel.get', { id: String(id) }))
  }
}

export const channels = new ChannelCollection()

/** What is known of each channel beside its chat. */
export const newsletterMetadata = {
  get: (id: string | WAWebWid) => channels.get(id)?.newsletterMetadata,
  update: async (id: string | WAWebWid) => (await channels.find(id)).newsletterMetadata,
}
