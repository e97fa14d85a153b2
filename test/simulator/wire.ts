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
  /** What an edited message carries besides its text: whom it mentions, the preview of its link. */
  extras?: MessageExtras
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
  /** Digits of the addressee's number, or the id of a group. */
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

/** When a message reached an addressee, and when he read it: unix times in seconds. */
export interface Receipt {
  who: NumberAnswer
  delivery?: number
  read?: number
}

/** What of a group its admins, or its members, can change. */
export interface GroupProperties {
  subject: string
  desc: string
  descId: string | undefined
  /** Whether only admins write. */
  announce: boolean
  /** Whether only admins change subject, description and picture. */
  restrict: boolean
  memberAddMode: 'admin_add' | 'all_member_add'
  /** Whether an admin has to let in who joins. */
  membershipApprovalMode: boolean
  /** Seconds until messages disappear; 0, never. */
  ephemeralDuration: number
}

/** A group as its members' pages see it. */
export interface WireGroup extends GroupProperties {
  /** `<digits>@g.us` */
  id: string
  isLidAddressingMode: boolean
  /** Digits of the number that made it. */
  owner: string
  /** Unix time in seconds. */
  creation: number
  participants: { who: NumberAnswer; role: 'member' | 'admin' | 'superadmin' }[]
  requests: NumberAnswer[]
}

type GroupChange = Partial<
  Pick<
    WireGroup,
    | 'subject'
    | 'desc'
    | 'descId'
    | 'announce'
    | 'restrict'
    | 'memberAddMode'
    | 'membershipApprovalMode'
    | 'ephemeralDuration'
  >
>

/** What became of a number that was to be added to a group. */
export interface GroupAddition {
  who: NumberAnswer
  /** 200, 403 for a number that can only be invited, 404, 409 for a member. */
  code: number
  role: 'member' | 'admin' | 'superadmin'
  inviteCode?: string
  /** Unix time in seconds. */
  inviteCodeExp?: number
}

/** A channel as an account sees it. */
export interface WireChannel {
  /** `<digits>@newsletter` */
  id: string
  name: string
  description: string
  inviteCode: string
  /** Unix time in seconds. */
  creation: number
  role: 'owner' | 'admin' | 'subscriber' | 'guest'
  /** How many read it. */
  size: number
  /** Whether the account has muted it. */
  muted: boolean
  /** Which reactions its readers may give: 0 all, 1 the basic ones, 3 none. */
  reactions: number
  /** The address of its picture. */
  picture?: string
}

/** What of a channel its admins change; a picture that is null is taken away. */
export interface ChannelChange {
  name?: string
  description?: string
  reactions?: number
  picture?: string | null
}

/** A label of a business account. */
export interface WireLabel {
  id: string
  name: string
  colorIndex: number
  /** Ids of the chats that bear it. */
  chats: string[]
}

export interface LabelAction {
  /** The label's. */
  id: string
  type: 'add' | 'remove'
}

/** Something that a business sells, as often as it was ordered. */
export interface WireProduct {
  id: string
  name: string
  price: number
  currency: string
  quantity: number
}

export interface WireOrder {
  products: WireProduct[]
  subtotal: number
  total: number
  currency: string
  /** Unix time in seconds. */
  createdAt: number
}

export interface Login {
  id: string
  secret: string
}

export interface Me {
  number: string
  lid: string
  pushName: string
  /** Numbers that the account has blocked. */
  blocked: string[]
  /** Names that the account has noted, by number. */
  addressBook: Record<string, string>
}

/** What the account's phone does with a chat. */
export type ChatChange = { archived: boolean } | { unread: boolean } | { removed: true }

/** A call that rings. */
export interface WireCall {
  id: string
  /** Digits of the caller's number. */
  from: string
  isVideo: boolean
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
  'group.get': { ask: { id: string }; answer: WireGroup }
  'group.create': {
    ask: { properties: GroupChange & { isLidAddressingMode?: boolean }; numbers: string[] }
    answer: { group: WireGroup; additions: GroupAddition[] }
  }
  'group.add': { ask: { id: string; number: string }; answer: GroupAddition }
  'group.members': {
    ask: { id: string; action: 'remove' | 'promote' | 'demote'; numbers: string[] }
    answer: Record<string, never>
  }
  'group.change': { ask: { id: string; change: GroupChange }; answer: Record<string, never> }
  'group.leave': { ask: { id: string }; answer: Record<string, never> }
  'group.code': { ask: { id: string; renew: boolean }; answer: { code: string } }
  'group.byCode': { ask: { code: string }; answer: WireGroup }
  'group.join': { ask: { code: string }; answer: { id: string } }
  'group.accept': { ask: { id: string; code: string }; answer: { id: string } }
  'group.decide': { ask: { id: string; number: string; approve: boolean }; answer: Record<string, never> }
  'channel.get': { ask: { id: string }; answer: WireChannel }
  'channel.create': { ask: { name: string; description: string }; answer: WireChannel }
  'channel.subscribe': { ask: { id: string; subscribed: boolean }; answer: Record<string, never> }
  'channel.byCode': { ask: { code: string }; answer: WireChannel }
  'channel.change': { ask: { id: string; change: ChannelChange }; answer: WireChannel }
  'channel.delete': { ask: { id: string }; answer: Record<string, never> }
  'channel.mute': { ask: { id: string; muted: boolean }; answer: Record<string, never> }
  'channel.search': {
    ask: { text: string; cursor: string }
    answer: { channels: WireChannel[]; next: string | null }
  }
  'channel.posts': { ask: { id: string }; answer: { messages: WireMessage[] } }
  'channel.readers': {
    ask: { id: string; count: number }
    answer: { readers: { who: NumberAnswer; name: string; role: WireChannel['role'] }[] }
  }
  'channel.admin': {
    ask: { id: string; number: string; action: 'invite' | 'revoke' | 'accept' | 'dismiss' }
    answer: Record<string, never>
  }
  'channel.send': {
    ask: { id: string; messageId: string; body: string; type: string; extras: MessageExtras }
    answer: { t: number; serverId: number }
  }
  'block.set': { ask: { number: string; blocked: boolean }; answer: Record<string, never> }
  'label.act': { ask: { actions: LabelAction[]; chats: string[] }; answer: Record<string, never> }
  'profile.get': { ask: { id: string }; answer: { about: string; picture?: string } }
  'profile.about': { ask: { about: string }; answer: Record<string, never> }
  'profile.picture': { ask: { id: string; picture?: string }; answer: { picture?: string } }
  'contact.note': { ask: { number: string; name?: string }; answer: Record<string, never> }
  'order.get': { ask: { orderId: string; token: string }; answer: WireOrder }
  'product.get': { ask: { productId: string }; answer: WireProduct }
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
  | { t: 'call.reject'; id: string }
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
  | { t: 'message.receipt'; id: string; to: string; ack: number; people: Receipt[] }
  | {
      t: 'message'
      message: WireMessage
      sender: NumberAnswer
      /** None for a message to a group. */
      recipient?: NumberAnswer
      offline: boolean
    }
  | { t: 'group'; group: WireGroup }
  | { t: 'call'; call: WireCall }
  | { t: 'call.changed'; id: string; what: 'accepted' | 'ended' }
  | { t: 'presence.of'; who: NumberAnswer; type: 'available' | 'unavailable' | 'typing' | 'recording_audio' }
  | { t: 'chat.changed'; chatId: string; change: ChatChange }
  | { t: 'channel'; channel: WireChannel }
  | { t: 'labels'; labels: WireLabel[] }
  | { t: 'conflict' }
  | { t: 'crash' }
  | { t: 'reload' }
  | { t: 'passkey' }
  | { t: 'mark' }

/** A frame with a receipt number is answered by a receipt as soon as the page handles it. */
export type NumberedFrame = FrameFromServer & { receipt?: number }
