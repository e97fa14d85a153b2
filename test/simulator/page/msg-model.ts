import { Model } from './model.ts'
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
  local?: boolean
  notifyName?: string
  caption?: string
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
  declare caption?: string
  declare mediaObject?: object
  declare quotedMsg?: QuotedFields['quotedMsg']
  declare quotedStanzaID?: string
  declare quotedParticipant?: WAWebWid

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

  /** What a reply to this message carries. */
  msgContextInfo(_chat: unknown): QuotedFields {
    const me = WAWebUserPrefsMeUser.getMaybeMePnUser()
    return {
      quotedMsg: { type: this.type, body: this.body },
      quotedStanzaID: this.id.id,
      quotedParticipant: this.id.fromMe && me ? me : this.from,
    }
  }

  /** Only upwards, or to a refusal of the server. */
  updateAck(ack: number): void {
    if (ack < 0) this.set({ ack, isSendFailure: true })
    else if (ack > this.ack) this.set({ ack })
  }
}
