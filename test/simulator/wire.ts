/**
 * What page and server say to each other over the WebSocket, one JSON object a frame. This wire is our own: the
 * real one is encrypted and binary, and nothing outside of the page sees it.
 */
import type { AccountSwitches, Settings } from './server/settings.ts'

/** The settings that a page obeys itself; the server obeys the others. */
export type PageSettings = Pick<
  Settings,
  | 'syncDelayMs'
  | 'syncWaits'
  | 'reconnectDelayMs'
  | 'staleLogin'
  | 'chatNeedsLid'
  | 'hangPage'
  | 'leakMbPerSecond'
  | 'offlineWaitLimitMs'
> & { account: AccountSwitches }

/** What a send that failed on its way ends with. */
export type SendFailure = NonNullable<AccountSwitches['failures']>[string]

/** The settings that a page gets with its document. */
export type PageBoot = Pick<Settings, 'build' | 'missing' | 'lateModules' | 'lazyModules'>

export type LidMode = Settings['lid']

/** What a query for a number tells: its canonical spelling, and the LID where the page may know it. */
export interface NumberAnswer {
  number: string
  registered: boolean
  lidMode: LidMode
  lid: string
}

export interface QuotedMessage {
  id: string
  /** Id of the quoted message's author. */
  participant: string
  body: string
  type: string
}

/** Fields of a message that travel besides text: link preview, mentions and the like, as the page set them. */
export type MessageExtras = Record<string, unknown>

/** Kinds of messages that say something of another message and show nothing of their own. */
const addOnTypes = [
  'reaction',
  'poll_update',
  'message_edit',
  'revoke',
  'pin_in_chat',
  'event_response',
  'event_edit',
] as const
export type AddOnType = (typeof addOnTypes)[number]

export const isAddOn = (type: string): type is AddOnType => addOnTypes.includes(type as AddOnType)

/** What an add-on says, each kind with fields of its own. */
export interface AddOnFields {
  /** Empty where the reaction is taken back. */
  reactionText?: string
  selectedOptionLocalIds?: number[]
  /** The new text of an edited message. */
  text?: string
  /** 1 pins, 2 unpins. */
  pinType?: number
  /** Seconds. */
  pinExpiryDuration?: number
  eventResponse?: number
  /** The fields of an event that are new. */
  event?: Record<string, unknown>
}

/** The message that an add-on is about. */
export interface AddOnTarget {
  id: string
  /** Digits of its writer's number. */
  writer: string
}

export interface WireMessage {
  id: string
  /** Digits of the writer's number. */
  from: string
  /** Digits of the addressee's number. */
  to: string
  body: string
  type: string
  /** Unix time in seconds. */
  t: number
  pushName: string
  ack: number
  quoted?: QuotedMessage
  extras?: MessageExtras
}

export interface Login {
  id: string
  secret: string
}

export interface Me {
  number: string
  lid: string
  pushName: string
}

export interface LinkPreview {
  title: string
  description: string
  canonicalUrl: string
  matchedText: string
}

/** Questions that want an answer: name → what is asked, what comes back. */
export interface Queries {
  'number.exists': { ask: { number: string }; answer: NumberAnswer }
  'lid.resolve': { ask: { lid: string }; answer: NumberAnswer }
  'link.preview': { ask: { url: string; matchedText: string }; answer: LinkPreview }
  'pairing.code': { ask: { phone: string }; answer: { code: string } }
  'login.end': { ask: Record<string, never>; answer: Record<string, never> }
  'pushname.set': { ask: { pushName: string }; answer: Record<string, never> }
}
export type QueryName = keyof Queries

export type FrameFromPage =
  | { t: 'hello'; login: Login | null; version: string }
  | { t: 'active' }
  | { t: 'qr.refresh' }
  | { t: 'query'; seq: number; name: QueryName; ask: unknown }
  | {
      t: 'message'
      id: string
      chatId: string
      body: string
      type: string
      quoted?: QuotedMessage
      extras?: MessageExtras
    }
  | { t: 'received'; id: string; from: string }
  | { t: 'receipt'; number: number }
  | { t: 'read'; from: string; ids: string[] }
  | { t: 'receipts'; receipts: { id: string; ack: number }[] }
  | { t: 'archive'; chatId: string; archived: boolean }
  | { t: 'presence'; available: boolean }
  | { t: 'chatstate'; chatId: string; state: 'composing' | 'recording' | 'paused' }

export type FrameFromServer =
  | { t: 'settings'; settings: PageSettings }
  | { t: 'qr'; ref: string }
  | { t: 'qr.idle' }
  | { t: 'paired'; login: Login }
  | { t: 'resumed'; me: Me; offline: number }
  | { t: 'login.ended' }
  | { t: 'offline'; percent: number }
  | { t: 'answer'; seq: number; answer: unknown }
  | { t: 'refused'; seq: number; reason: string }
  | { t: 'ack'; id: string; at: number; error?: number }
  | { t: 'message.receipt'; id: string; to: string; ack: number }
  | { t: 'message'; message: WireMessage; sender: NumberAnswer; recipient: NumberAnswer; offline: boolean }
  | { t: 'conflict' }
  | { t: 'crash' }
  | { t: 'reload' }
  | { t: 'passkey' }
  | { t: 'mark' }

/** A frame with a receipt number is answered by a receipt as soon as the page handles it. */
export type NumberedFrame = FrameFromServer & { receipt?: number }
