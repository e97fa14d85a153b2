import type { EventEmitter } from 'node:events'
import type { AckedState } from '@wsg/shared/messages/message-lifecycle.ts'
import type { ProxyTrouble } from '@wsg/shared/net/connect-through-proxy.ts'
import type { OperationInput, OperationOutput } from '@wsg/shared/operations/operations.ts'
import type { Engine } from '@wsg/shared/sessions/engine.ts'
import type { MissedSince } from './page/collect-missed.ts'
import type { PageMessageFacts } from './page/describe-message.ts'
import type { PageNews } from './page/listeners/page-news.ts'
import type { PageOutput } from './page/operations/page-operation.ts'
import type { PageOperationName } from './page/operations/page-operations.ts'
import type { LibraryMessage } from './to-library/library-message.ts'

/**
 * WhatsApp as a session sees it: the port between the session's rules and whatsapp-web.js. One client is one
 * Chromium with one profile. It is used once: opened, closed, thrown away.
 *
 * Every call that touches the page has a deadline of its own and rejects with `PageUnresponsive` past it, and with
 * `PageGone` where the page or its document ends before it answers; no call hangs. After `fault` or `close` every call rejects with `ClientClosed`.
 */
export interface WhatsAppClient {
  readonly events: EventEmitter<WhatsAppClientEvents>

  /**
   * Starts Chromium on the profile, under its operating-system lock, and loads WhatsApp Web. Resolves when the page
   * is loaded and either wants a code or has found a login; what follows comes as events, some of them (`qr`) just
   * before this resolves. A login that the phone ended meanwhile is `loggedOut`, not an error.
   * @throws ProfileLocked, ProfileNotOwned, ForeignWorld, BrowserMissing, WhatsAppUnreachable, PageUnresponsive,
   *   ClientFailed (where `fault` would be the event later)
   */
  open(): Promise<void>

  /**
   * A code to be typed into the phone instead of a QR: the one that was given for this number before, while it lives, else a
   * new one. WhatsApp knows one code at a time.
   */
  requestPairingCode(phoneNumber: string): Promise<PairingCode>

  /**
   * Finds the chat of a number by asking WhatsApp's server (which settles Brazil's and Mexico's extra digit) and
   * remembers the answer for a while. @returns null where the number is not on WhatsApp
   */
  resolveNumber(digits: string): Promise<ResolvedChat | null>

  /** Whether a chat would be begun by writing to it: nothing was sent or received in it that the page knows of. */
  isNewChat(chatId: string): Promise<boolean>

  /** Whether `resolveNumber` has the answer for a number, so that the server is not asked. */
  knowsNumber(digits: string): boolean

  /**
   * Carries out an operation inside the page, as soon as it is loaded and logged in. The file that its input has as `media` is
   * brought there from the store. @returns what the page says of it
   * @param deadline epoch ms after which it is not begun any more, and nobody waits for it
   * @throws OperationRefused with the reason; PageUnresponsive where the page did not answer by then, or does not show what it did; PageGone
   */
  perform<N extends PageOperationName>(
    name: N,
    input: OperationInput<N>,
    deadline: number,
  ): Promise<PageOutput<N>>

  /**
   * Asks the page for a sign of life while the caller does something else before `send`, which then need not ask for
   * one by itself. Returns at once, and tells nothing.
   */
  reach(): void

  /**
   * Fetches the link preview that a message wants, ahead of `send`, which sends the message with the preview that it finds.
   * It is given up after five seconds. Never rejects.
   */
  fetchLinkPreview(message: Pick<OutgoingMessage, 'messageId' | 'previewOf'>): Promise<void>

  /**
   * Brings the file of a message into the page and uploads it to WhatsApp, ahead of `send`, which sends the message with it.
   * Its limit grows with the file. Does nothing where the message has none, or it was done before.
   * @param onSent how many bytes of a large file WhatsApp has, as it goes on; 0 where it broke off
   * @throws NotHandedOver where the message cannot be sent with it; anything else where that may succeed later
   */
  prepareMedia(
    message: Pick<OutgoingMessage, 'messageId' | 'chatId' | 'media'>,
    onSent?: (sentBytes: number) => void,
  ): Promise<void>

  /**
   * Brings the file of a message, of whoever wrote it, out of the page into the store, as soon as the page is loaded and
   * logged in.
   * @param messageId ours, or WhatsApp's full one
   * @param deadline epoch ms after which it is given up
   * @throws OperationRefused with the reason; PageUnresponsive where the page did not answer by then
   */
  fetchMedia(messageId: string, deadline: number): Promise<OperationOutput<'message.media'>>

  /**
   * Lets go of what `prepareMedia` left in the page for a message that will not be sent with it any more.
   * @throws where the page does not answer: nothing is lost
   */
  discardMedia(messageId: string): Promise<void>

  /**
   * Hands one message to WhatsApp Web under the id that was chosen for it. Resolves when the page has taken it over,
   * which is before the server's ack: the ack comes as an `ack` event, possibly before this resolves.
   * @throws SendDeadlinePassed where the page had not handed it over by `deadline`: it was certainly not sent
   * @throws PageNotReached where the page was gone, or not connected, before it was given the message, or does not have the
   *   file that was prepared for it any more: it was certainly not sent
   * @throws NotHandedOver where the page threw before it took the message over: it was certainly not sent
   * @throws anything else: it may have been sent
   */
  send(message: OutgoingMessage): Promise<SentMessage>

  /**
   * Shows in a chat what the account does there. It goes away by itself, and with the next message.
   * @throws where the page does not take it: nothing was sent, and nothing is lost
   */
  showState(chatId: string, state: ChatState): Promise<void>

  /**
   * Looks one of our own messages up by its id part, in the page and its store. `chatId`, where it is known, is
   * looked under besides all chats of the page. From then on acks of what was found are told.
   */
  findOutcome(messageId: string, chatId?: string): Promise<FoundMessage>

  /**
   * Reads what the page and its store know of messages, by WhatsApp's full ids. From then on their acks are told.
   * @returns those that have an ack, by their id parts
   */
  readAcks(fullIds: readonly string[]): Promise<{ messageId: string; state: AckedState }[]>

  /** The messages that came to the account's chats and were not heard, the oldest first, at most `since.limit`. */
  collectMissed(since: MissedSince): Promise<PageMessageFacts[]>

  /** True while a file is on its way into the page or out of it, which takes memory that it has back afterwards. */
  readonly movesFile: boolean

  /** A real round trip through the page. @returns WhatsApp Web's own word for its connection, `CONNECTED` when all is well */
  probe(): Promise<string>

  /** Has the page let go of memory that it needs no more. It may be at work for a second meanwhile. */
  letGoOfMemory(): Promise<void>

  /** The page as a PNG. */
  screenshot(): Promise<Buffer>

  /**
   * Logs the device out at WhatsApp, so that the phone no longer lists it. Nothing is told by an event; the client is
   * closed afterwards.
   */
  logout(): Promise<void>

  /** Closes Chromium cleanly, and by force after ten seconds. Resolves when every process of it is gone; never rejects. */
  close(): Promise<void>

  /** Kills the whole process group at once, without waiting for anything. For the fence. */
  kill(): void
}

/** What the other side of a chat sees of the account. */
export type ChatState = 'typing' | 'recording' | 'paused'

/** Its people are chat ids. */
export interface OutgoingMessage extends LibraryMessage {
  /** The id it must carry: `3EB0` and 18 hex digits. */
  messageId: string
  chatId: string
  /** Id part or full id of the message that it answers. */
  replyTo?: string
  /** Epoch ms after which the page must not hand it over any more. */
  deadline: number
  /**
   * It may have been handed over before, by a client that has ended. Where the page holds it without an ack, the page
   * sends it again by its own means, as after a click on a failed message.
   */
  again?: true
}

export interface PairingCode {
  code: string
  /** Epoch ms. */
  expiresAt: number
  /** True where a code that was given before does not work any more because of this one. */
  replacesPrevious: boolean
}

export interface SentMessage {
  /** WhatsApp's full id. */
  messageId: string
  /** The recipient's hidden identity, where the page told it. */
  lid?: string
}

export interface ResolvedChat {
  chatId: string
  /** The same person's hidden identity, where WhatsApp told it. */
  lid?: string
}

/**
 * `messageId` is WhatsApp's full id. `refused`: WhatsApp's server did not take it. `pending`: the page holds it and has no
 * ack; one that was loaded after it was handed over does not send it by itself. `absent`: the page does not know it.
 */
export type FoundMessage =
  | { found: 'acked'; state: AckedState; messageId: string }
  | { found: 'refused'; messageId: string }
  | { found: 'pending'; messageId: string }
  | { found: 'absent' }

export interface WhatsAppClientEvents {
  /** A new code to scan; `expiresAt` is epoch ms. Comes again at every rotation. */
  qr: [code: string, expiresAt: number]
  /** A code for the phone was made again by WhatsApp. */
  pairingCode: [code: string, expiresAt: number]
  /** The login was accepted; what follows is syncing. */
  authenticated: []
  /** Which page it is, and what it lacks: before `ready`, where it is too little for that, and whenever it changes. */
  engine: [engine: Engine]
  /** Logged in, synced, and what had waited at the server is there: able to send. Comes once per client. */
  ready: [account: Account]
  /**
   * WhatsApp's connection to its server went or came back while logged in. It is back when what had waited at the server
   * meanwhile is there, because WhatsApp Web sends nothing before that.
   */
  connection: [connected: boolean]
  /** What keeps the session's proxy from connecting, or null again. Comes when it changes. */
  proxy: [trouble: ProxyTrouble | null]
  /** WhatsApp Web has loaded itself anew. What it was sending and had no ack of went with the old document. */
  reloaded: []
  /** An ack of a message of the account, by its id part; those written on the phone included. */
  ack: [messageId: string, state: AckedState]
  /** A message that the page had taken over is not on its way any more, without an ack. */
  sendFailed: [messageId: string, failure: SendFailure]
  /** Something happened in a chat, or is told again; in the page's own words, which the inbox reads. */
  news: [news: PageNews]
  /** The phone unlinked this device. The client closes itself; the profile holds no login any more. */
  loggedOut: []
  /** Something from which this client does not recover. It has been or is being killed. */
  fault: [fault: ClientFault]
}

/** How a message ended that the page had taken over. */
export type SendFailure =
  /** WhatsApp's server refused it, with its number where the page tells one. It was certainly not sent. */
  | { kind: 'refused'; code: number | null }
  /** It failed before it left. It was certainly not sent. */
  | { kind: 'not_sent' }
  /** The page gave it up, and nothing proves whether it had left. `said` is the page's own word for it. */
  | { kind: 'uncertain'; said: string }

export interface Account {
  /** Digits of the paired number. */
  account: string
  pushName: string
  /** The account's own hidden identity, where it is known. */
  lid?: string
}

/** Why a client ended. `detail` carries no personal data and may be logged. */
export interface ClientFault {
  kind:
    | 'browser_gone'
    | 'page_crashed'
    | 'page_unresponsive'
    | 'ready_timeout'
    | 'conflict'
    | 'auth_failure'
    | 'passkey_required'
    | 'page_unsupported'
    | 'account_blocked'
    | 'proxy_blocked'
    | 'proxy_unreachable'
    | 'proxy_refused'
    | 'unexpected'
  detail: string
}
