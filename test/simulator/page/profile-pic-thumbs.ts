import { channels } from './channel-collection.ts'
import { groupMetadata } from './group-metadata.ts'
import { WAWebUserPrefsMeUser } from './modules/wa-web-user-prefs-me-user.ts'
import type { WAWebWid } from './modules/wa-web-wid.ts'
import { WAWebWidFactory } from './modules/wa-web-wid-factory.ts'
import { profileId } from './profile-id.ts'
import { wireLink } from './wire-link.ts'

/** A picture, or that there is none, as the page has learned it. */
class ProfilePicThumb {
  readonly id: WAWebWid
  eurl: string | undefined
  /** Where the page would show it from. */
  readonly img = undefined

  constructor(id: WAWebWid, eurl: string | undefined) {
    this.id = id
    this.eurl = eurl
  }

  canSet(): boolean {
    if (!this.id.isGroup()) return WAWebUserPrefsMeUser.isMeAccount(this.id)
    const group = groupMetadata.get(this.id)
    return group?.restrict !== true || group.me?.isAdmin === true
  }

  canDelete(): boolean {
    return this.eurl !== undefined && this.canSet()
  }
}

/** The pictures that were asked for or changed in this document, and those of channels, which come with the channels. */
class ProfilePicThumbs {
  readonly #known = new Map<string, ProfilePicThumb>()

  get(id: string | WAWebWid): ProfilePicThumb | undefined {
    const wid = WAWebWidFactory.createWid(String(id))
    const channel = channels.get(wid)
    return channel ? new ProfilePicThumb(wid, channel.picture) : this.#known.get(profileId(wid))
  }

  async find(id: string | WAWebWid): Promise<ProfilePicThumb> {
    const wid = WAWebWidFactory.createWid(String(id))
    const known = this.get(wid)
    return known ?? this.take(wid, (await wireLink.query('profile.get', { id: profileId(wid) })).picture)
  }

  take(wid: WAWebWid, eurl: string | undefined): ProfilePicThumb {
    const thumb = this.#known.get(profileId(wid)) ?? new ProfilePicThumb(wid, eurl)
    thumb.eurl = eurl
    this.#known.set(profileId(wid), thumb)
    return thumb
  }
}

export const profilePicThumbs = new ProfilePicThumbs()
