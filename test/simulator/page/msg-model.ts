import { Collection } from './collection.ts'
import { passFaults } from './faults.ts'
import { MediaData, type MediaKind, type MediaObject, mediaOnlyFields } from './media-data.ts'
import { Model } from './model.ts'
import { WAWebMediaStorage } from './modules/wa-web-media-storage.ts'
import type { WAWebMsgKey } from './modules/wa-web-msg-key.ts'
import { WAWebUserPrefsMeUser } from './modules/wa-web-user-prefs-me-user.ts'
import type { WAWebWid } from './modules/wa-web-wid.ts'

export interface QuotedFields {
  quotedMsg: { type: string; body: string }
  quotedStanzaID: string
  quotedParticipant: WAWebWid
}

export interface MsgAttributes {
  id: WAWebMsgKey
  body: string
  type: string
  /** Unix time in seconds. */
  t: number
  from: WAWebWid
  to: WAWebWid
  ack: number
  self?: 'in' | 'out'
  isNewMsg?: boolean
  /** The red mark: it is not being sent, and a person may send it again. */
  isSendFailure?: boolean
  /** Why the server refused it, where the page has words for that. */
  errorCode?: number
  local?: boolean
  notifyName?: string
  /** Who wrote it, in a group. */
  author?: WAWebWid
  star?: boolean
  hasReaction?: boolean
  caption?: string | undefined
  quotedMsg?: QuotedFields['quotedMsg']
  quotedStanzaID?: string
  quotedParticipant?: WAWebWid
  [attribute: string]: unknown
}

/** One message, as the page's collections hold it. */
export class MsgModel extends Model<MsgAttributes> {
  declare id: WAWebMsgKey
  declare body: string
  declare type: string
  declare t: number
  declare from: WAWebWid
  declare to: WAWebWid
  declare ack: number
  declare isNewMsg?: boolean
  declare isSendFailure?: boolean
  declare errorCode?: number
  declare author?: WAWebWid
  declare star?: boolean
  declare caption?: string | undefined
  declare directPath?: string
  declare filehash?: string
  declare mimetype?: string
  declare size?: number
  declare quotedMsg?: QuotedFields['quotedMsg']
  declare quotedStanzaID?: string
  declare quotedParticipant?: WAWebWid

  #mediaData: MediaData | undefined

  constructor(attributes: MsgAttributes) {
    super(ownAttributes(attributes))
  }

  /** Undefined for a message without a file. */
  get mediaData(): MediaData | undefined {
    const { directPath, filehash, mimetype = '', size = 0, type } = this
    if (directPath === undefined || filehash === undefined) return undefined
    const mediaStage = this.id.fromMe && this.isNewMsg ? 'RESOLVED' : 'INIT'
    this.#mediaData ??= new MediaData({ type: type as MediaKind, mimetype, filehash, size, mediaStage })
    return this.#mediaData
  }

  get mediaObject(): MediaObject | undefined {
    return this.mediaData && WAWebMediaStorage.getOrCreateMediaObject(this.mediaData.filehash)
  }

  get isEphemeral(): boolean {
    return false
  }
  get isStatusV3(): boolean {
    return this.id.remote.isStatus()
  }
  get isNotification(): boolean {
    return false
  }

  unsafe(): this {
    return this
  }

  canReply(): boolean {
    return this.ack >= 0
  }

  /** Looks whether the server still has the file. `mediaData.mediaStage` tells how that went. */
  async downloadMedia(_how: object): Promise<void> {
    const { directPath, mediaData } = this
    if (directPath === undefined || !mediaData) return
    await passFaults()
    mediaData.set({ mediaStage: 'FETCHING' })
    const { ok } = await fetch(directPath, { method: 'HEAD' }).catch(() => ({ ok: false }))
    mediaData.set({ mediaStage: ok ? 'RESOLVED' : 'ERROR_MISSING' })
  }

  /** What a reply to this message carries. */
  msgContextInfo(_chat: unknown): QuotedFields {
    const me = WAWebUserPrefsMeUser.getMaybeMePnUser()
    return {
      quotedMsg: { type: this.type, body: this.body },
      quotedStanzaID: this.id.id,
      quotedParticipant: this.id.fromMe && me ? me : this.from,
    }
  }

  /** Goes by another id from now on, wherever it is held. */
  changeId(id: WAWebMsgKey): void {
    const before = this.id
    for (const holder of this.parents) if (holder instanceof Collection) holder.replaceId(before, id)
    this.id = id
  }

  /** Only upwards. */
  updateAck(ack: number): void {
    if (ack > this.ack) this.set({ ack })
  }
}

/** What of the given fields a message has. A field under its inner name is the same field, and the later one counts. */
function ownAttributes(given: MsgAttributes): MsgAttributes {
  const { __x_id: innerId, ...attributes } = given
  for (const name of mediaOnlyFields) delete attributes[name]
  if ('__x_id' in given ? !innerId : !given.id)
    throw new Error("a msg must include an id property (it's how we memoize)")
  return attributes
}
