import type { BindingKind } from './bindings.ts'
import type { PageMessageModel } from './describe-message.ts'
import type { kitFunctions } from './kit.ts'
import type { PageNews } from './listeners/page-news.ts'
import type { PageAnswer } from './operations/page-operation.ts'
import type { Subject, subjects } from './operations/subjects.ts'
import type { PageEvent } from './page-events.ts'

/**
 * What our functions inside of the page know of WhatsApp Web and of whatsapp-web.js. Types only: functions that run
 * in the page are sent there as text, so they may use nothing from outside of themselves.
 */

export interface Wid {
  user: string
  server: string
  _serialized: string
  isLid(): boolean
  isGroup(): boolean
}

export interface MsgKey {
  id: string
  fromMe: boolean
  remote: Wid
  participant?: Wid
  toString(): string
}

interface MsgKeyClass {
  new (fields: { from: Wid; to: Wid; id: string; participant?: Wid | undefined; selfDir: 'out' }): MsgKey
  prototype: MsgKey
}

export interface Msg {
  id: MsgKey
  ack: number
  type?: string
  /** It is not being sent: sending failed, or ended with the document that did it. */
  isSendFailure?: boolean
  /** Of one that was deleted for everyone, the key that it had: its `id` is that of the message which asked for it. */
  protocolMessageKey?: { id?: string; toString(): string }
}

export interface Chat {
  id: Wid
  formattedTitle?: string
  /** Unix time of the last message, in seconds. */
  t?: number
  unreadCount?: number
  archive?: boolean
  /** Unix time at which it was pinned. */
  pin?: number
  mute?: {
    expiration: number
    mute(how: { expiration: number; sendDevice: boolean }): Promise<unknown>
    unmute(how: { sendDevice: boolean }): Promise<unknown>
  }
  /** Those of its messages that are in memory. */
  msgs: { getModelsArray(): Msg[] }
  /** Of a group, once the page knows it. */
  groupMetadata?: GroupMetadata
}

export interface Participant {
  id: Wid
  isAdmin?: boolean
  isSuperAdmin?: boolean
}

export interface GroupMetadata {
  /** Only admins write. */
  announce?: boolean
  participants: { getModelsArray(): Participant[] }
}

interface GroupMetadataCollection {
  get(id: Wid): GroupMetadata | undefined
  /** Asks the server. Rejects with its status where the account is not in the group. */
  update(id: Wid): Promise<unknown>
}

interface ReactionsOfAKind {
  aggregateEmoji: string
  /** `timestamp` is epoch ms. */
  senders: { msgKey: MsgKey | string; senderUserJid: string; timestamp: number }[]
}

interface StoredVote {
  sender: string
  selectedOptionLocalIds: ArrayLike<number>
  /** Epoch ms. */
  senderTimestampMs: number
}

interface ContactModel {
  formattedName?: string
}

interface Emitter {
  on(event: string, listener: (...args: never[]) => void): void
}

export interface OutgoingMessage {
  /** A media message of WhatsApp Web's own may get its id only when it is handed over. */
  id?: MsgKey
  from: Wid
  to: Wid
  type?: string
  sessionGateway?: HandOver
}

/** Travels with one message from `sendMessage` to the hand-over and on to its end, as the same object, in the page only. */
export interface HandOver {
  chosenId: string
  chatId: string
  /** WhatsApp's full id, as far as it is known. */
  fullId: string
  deadline: number
  /** `late`, `offline`: WhatsApp Web was certainly not given it. */
  stage: 'waiting' | 'late' | 'offline' | 'handed_over'
  /** WhatsApp Web's own message, once it is stored. */
  stored?: Promise<Msg | undefined>
  /** A status or what is written in a channel: WhatsApp Web gives it ack -1 whatever went wrong. */
  isPost?: true
  /** The server refused it: ack -1. */
  isRefused: boolean
  /** To be called when it is refused, or WhatsApp Web marks it as failed. */
  fails?(): void
}

/** What became of a message. Source: `addAndSendMsgToChat` of WhatsApp Web. */
export interface SendResult {
  /** `OK`: the server has it. Anything else is an error on the way. */
  messageSendResult?: string
  /** The number with which the server refused it. */
  ackErrorCode?: number
}

/** That a message is stored, and what became of it. */
export type SendPromises = [stored: Promise<Msg | undefined>, outcome: Promise<SendResult | undefined>]

/** What WhatsApp Web shows of a link: title, description, picture. It becomes part of the message as it is. */
export type LinkPreview = Record<string, unknown>

type AddAndSend = (
  chat: Chat,
  message: OutgoingMessage | Promise<OutgoingMessage>,
  ...others: unknown[]
) => SendPromises

/** A file as whatsapp-web.js takes it; `file` in place of its base64 is ours. */
interface MediaInfo {
  mimetype: string
  file?: File
}

/** What WhatsApp made of a file: a model, or of a sticker the bare fields. */
type MediaFields = Record<string, unknown> & { preview?: string; toJSON?(): Record<string, unknown> }

interface PreparedMedia {
  body: string | undefined
  fields: Record<string, unknown>
}

/** What several of our functions use. What only one room of operations does is declared there. */
export interface PageModules {
  WAWebMsgKey: MsgKeyClass
  WAWebSendMsgChatAction: { addAndSendMsgToChat: AddAndSend & { guardedBySessionGateway?: true } }
  WAWebCollections: {
    Msg: Emitter & {
      get(key: string): Msg | undefined
      getModelsArray(): Msg[]
      getMessagesById(keys: readonly string[]): Promise<{ messages: Msg[] } | undefined>
    }
    Chat: { get(id: Wid): Chat | undefined; getModelsArray(): Chat[] }
    Contact: { find(id: string): Promise<ContactModel> }
    /** Whom the account has blocked, by number or hidden identity. */
    Blocklist?: { get?(id: Wid): object | undefined }
    /** Under the one name or the other. */
    GroupMetadata?: GroupMetadataCollection
    WAWebGroupMetadataCollection?: GroupMetadataCollection
    Reactions: {
      find(key: string): Promise<{ reactions: { serialize(): ReactionsOfAKind[] } } | undefined>
    }
  }
  WAWebPollsVotesSchema: {
    getTable(): { equals(columns: ['parentMsgKey'], key: string): Promise<StoredVote[]> }
  }
  WAWebSocketModel: { Socket: Emitter & { state: string; hasSynced: boolean; logout(): Promise<void> } }
  WAWebStreamModel: {
    Stream: Emitter & { available: boolean; markAvailable(): void; markUnavailable(): void }
  }
  /** An emitter, or a module that has one. */
  WAWebLinkDeviceEvents: Emitter | Record<string, Emitter>
  WAWebResendMsgAction: { resendMsg(message: Msg): Promise<string | undefined> }
  WAWebChatForwardMessage: { forwardMessages?(what: object): Promise<unknown> }
  WAWebConnModel: { Conn: { pushname?: string } }
  WAWebCmd: { Cmd: Emitter & { refreshQR?(): void; isOfflineDeliveryEnd?: boolean } }
  WAWebLaunchSocketUtils: { refreshQR(): void }
  WAWebContactStatusBridge: { getStatus(what: { token: string; wid: Wid }): Promise<{ status?: unknown }> }
  WAWebContactProfilePicThumbBridge: {
    requestProfilePicFromServer(what: { id: Wid }): Promise<{ eurl?: string } | undefined>
  }
  WAWebFindChatAction: { findOrCreateLatestChat(id: Wid): Promise<{ chat: Chat }> }
  WAWebOfflineHandler: { OfflineMessageHandler: { getOfflineDeliveryProgress(): number } }
  WAWebWidFactory: { createWid(id: string): Wid }
  WALinkify: { findLink(text: string): object | null | undefined }
  WAWebLinkPreviewChatAction: {
    getLinkPreview(link: object): Promise<{ data?: LinkPreview } | null | undefined>
  }
  WAWebFrontendVcardUtils: { vcardFromContactModel(contact: ContactModel): { vcard: string } }
  WAWebGenerateEventCallLink: {
    /** Nothing where WhatsApp made none. @param startTime unix time in seconds */
    createEventCallLink(startTime: number, type: 'voice' | 'video'): Promise<string | undefined>
  }
  WAWebImageUtils: { toWebpSticker(image: Blob): Promise<Blob> }
  WAWebQueryExistsJob: { queryWidExists(wid: Wid): Promise<{ wid?: Wid } | null> }
  WAWebApiContact: {
    getCurrentLid(wid: Wid): Wid | undefined
    getPhoneNumber(wid: Wid): Wid | undefined
  }
  WAWebMediaStorage: { getOrCreateMediaObject(filehash: string): { loadedSize?: number } }
  WAWebUserPrefsMeUser: { getMaybeMePnUser(): Wid | undefined; getMaybeMeLidUser(): Wid | undefined }
}

/** `window` of WhatsApp Web. */
export interface PageGlobals<Modules = PageModules> {
  require<Name extends keyof Modules>(name: Name): Modules[Name]
  Debug?: { VERSION?: string }
  /** The page's loader of what is not loaded with the page. */
  requireLazy?(names: string[], whenThere: () => void): void
  /** whatsapp-web.js' own functions, there once it has seen the page synced. */
  WWebJS?: {
    getChat(chatId: string, options: { getAsModel: false }): Promise<Chat | undefined>
    sendMessage(chat: Chat, text: string | undefined, options: object): Promise<unknown>
    mediaInfoToFile: ((info: MediaInfo) => File) & { takesFiles?: true }
    /** Decodes the whole file in memory. */
    generateWaveform(file: File & { waveform?: Uint8Array }): Promise<Uint8Array | undefined>
    processMediaData(info: MediaInfo, how: Record<string, boolean>): Promise<MediaFields>
    processStickerData(info: MediaInfo): Promise<MediaFields>
    sendChatstate(state: 'typing' | 'recording' | 'stop', chatId: string): Promise<unknown>
    getMessageModel(message: Msg): Record<string, unknown>
    pinUnpinMsgAction(messageId: string, action: number, seconds: number): Promise<boolean>
  }
  /** Set by whatsapp-web.js while it renews a pairing code. */
  codeInterval?: unknown
  /** Ours. */
  sessionGatewayKit: typeof kitFunctions & {
    /** What the calls under way answer. */
    kept: Set<Promise<unknown>>
    /** By message id, until the message is handed over. */
    linkPreviews: Map<string, LinkPreview>
    /** How many operations under way want the account to be shown as available. */
    wantAvailable: number
    /** Whether a caller has asked for that, until told otherwise. */
    isAskedOnline: boolean
    /** Files that are uploaded, by message id, until the message is handed over. */
    preparedMedia: Map<string, PreparedMedia>
    /** Files that were downloaded, by message id, until they are saved. */
    fetchedFiles: Map<string, ArrayBuffer>
    /** Forwards that WhatsApp Web was asked for and has not handed over, the oldest first. */
    forwards: { chatId: string; type: string | undefined; handOver: HandOver }[]
    /** What each binding has to be, by its name. */
    kinds: Record<string, BindingKind>
    /** Tells Node something. Set by the first `reportPageEvents` of the document. */
    tell?: (event: PageEvent | PageNews) => void
    /** What was handed over in this document and has neither an ack nor another end, by message id. */
    sends: Map<string, HandOver>
    operations: Record<
      string,
      {
        needs: readonly string[]
        on?: Subject
        run(input: unknown, context: unknown): Promise<PageAnswer<unknown>>
      }
    >
    subjects: typeof subjects
    /** What is listened to of chats, by what it is for. */
    listeners: Record<string, { listen(): void }>
    /** Messages that are not decrypted yet. */
    watched: Set<PageMessageModel>
    /** Types of what stands among messages and was written by nobody. */
    notWritten: readonly string[]
  }
  /** The listeners that are attached. */
  sessionGatewayListens?: Set<string>
}
