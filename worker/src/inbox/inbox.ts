import type { Logger } from '@wsg/shared/logger.ts'
import type { Heard } from '@wsg/shared/redis/event/heard.ts'
import { FenceClosed } from '../lease/fence.ts'
import type { PageMessageFacts } from '../whatsapp/page/describe-message.ts'
import type { PageNews } from '../whatsapp/page/listeners/page-news.ts'
import type { WhatsAppClient } from '../whatsapp/whatsapp-client.ts'
import type { EventLog } from './event-log.ts'
import type { HeardEvent } from './from-page/heard-event.ts'
import { messageFromPage } from './from-page/message.ts'
import { eventFromPage, type PageHappening } from './from-page/news.ts'

const COLLECTED_AT_ONCE = 500
const MARKED_EVERY_MS = 60_000
/** How much earlier than it was heard a message may have been written: clocks differ, and a dead connection is noticed late. */
const LATE_S = 15 * 60

export interface InboxOptions {
  log: EventLog
  /** For how long we know of our own messages that they are ours. */
  ownKnownMs: number
  /** So much of what was written before an account was paired is told as well; 0 for nothing. */
  historyMs: number
  logger: Logger
}

/**
 * Takes what the page tells, and logs what of it is an event. What came while nobody listened goes first: until it is known
 * (`listen`), what the page tells is held back, so that chats stay in order.
 */
export class Inbox {
  readonly #options: InboxOptions
  /** What was heard and has to wait; null while all is known. */
  #held: HeardEvent[] | null = []
  #listening: Promise<void> = Promise.resolve()
  /** Grows with each connection and each loss of one: a look at what was missed counts where neither came after it began. */
  #turn = 0
  /** What was done before is not told: the page tells of it when the account is paired. Unix seconds. */
  #base = 0
  #marks: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(options: InboxOptions) {
    this.#options = options
  }

  take(news: PageNews): void {
    if (this.#isClosed) return
    const { log, logger } = this.#options
    if (news.type === 'deaf') {
      const { listener, detail } = news
      const what = 'WhatsApp Web did not take a listener; what it would hear is not told'
      logger.error({ listener, detail }, what)
    } else if (news.type === 'unreadable') {
      // At once, so that it is known before what follows it in its chat is marked as heard.
      log.add({ unreadable: news.key, writtenAt: news.t })
    } else this.#hear(news)
  }

  /** WhatsApp is connected, and what had waited there is in the page. Never rejects. */
  async listen(client: Pick<WhatsAppClient, 'collectMissed'>, account: string): Promise<void> {
    this.disconnected()
    const turn = this.#turn
    this.#listening = this.#listening.then(() => this.#catchUp(client, account, turn))
    await this.#listening
  }

  /** WhatsApp is not connected: what comes may not be all. */
  disconnected(): void {
    this.#turn += 1
    clearInterval(this.#marks)
    this.#held ??= []
  }

  /** Nothing is heard any more: the client has ended. Resolves when all that was heard is written. */
  async close(): Promise<void> {
    this.#isClosed = true
    clearInterval(this.#marks)
    await this.#listening
    this.#tellHeld({ mayHide: true })
    await this.#options.log.written()
  }

  /** @param turn once it is over, as WhatsApp has lost its connection, what is held waits for the look when it is back */
  async #catchUp(
    client: Pick<WhatsAppClient, 'collectMissed'>,
    account: string,
    turn: number,
  ): Promise<void> {
    const { log, historyMs, logger } = this.#options
    if (turn !== this.#turn) return
    try {
      const listeningSince = unixNow()
      const heard = await log.heard(account, historyMs / 1_000)
      this.#base = heard.base - LATE_S
      // Which of its chats are archived, and what is unread, the page learns when the account is paired.
      if (heard.isNew) this.#held = this.#held?.filter(({ isState }) => !isState) ?? null
      else this.#markMissed(listeningSince)
      const missed = heard.isNew && historyMs === 0 ? 0 : await this.#collect(client, heard)
      if (missed > 0) logger.info({ missed }, 'messages came while nobody listened')
    } catch (err) {
      if (err instanceof FenceClosed || this.#isClosed || turn !== this.#turn) return
      logger.error({ err }, 'it could not be found out what came while nobody listened')
      return this.#tellHeld({ mayHide: true })
    }
    if (turn !== this.#turn) return
    this.#tellHeld({ mayHide: false })
    await log.markHeard()
    if (this.#isClosed || turn !== this.#turn) return
    clearInterval(this.#marks)
    this.#marks = setInterval(() => void log.markHeard(), MARKED_EVERY_MS).unref()
  }

  /** @param mayHide true where something before it may be missing: it is then not noted as heard, so that it hides nothing */
  #tellHeld({ mayHide }: { mayHide: boolean }): void {
    for (const { heardAt, ...event } of this.#held ?? [])
      this.#add({ ...event, ...(!mayHide && heardAt !== undefined && { heardAt }) })
    this.#held = null
  }

  /** What was done to messages while nobody listened: the page tells it as it takes it in. */
  #markMissed(listeningSince: number): void {
    for (const event of this.#held ?? [])
      if (event.doneAt !== undefined && event.doneAt < listeningSince) event.catchUp = true
  }

  #add({ doneAt, isState: _, ...event }: HeardEvent): void {
    if (doneAt === undefined || doneAt >= this.#base) this.#options.log.add(event)
  }

  /** Logs what came while nobody listened. @returns how many there were */
  async #collect(client: Pick<WhatsAppClient, 'collectMissed'>, heard: Heard): Promise<number> {
    const { log, ownKnownMs } = this.#options
    const { base, until, seen } = heard
    const unreadable = new Set(heard.unreadable)
    const ownSince = Math.floor((Date.now() - ownKnownMs) / 1_000)
    const since = { base, seen, active: until - LATE_S, ownSince, limit: COLLECTED_AT_ONCE }
    for (let count = 0; ; ) {
      const missed = await client.collectMissed({ ...since, unreadable: [...unreadable] })
      for (const message of missed) {
        markSeen(seen, message)
        const event = messageFromPage(message)
        if (event !== null) log.add({ ...event, catchUp: true })
        else if (unreadable.has(message.key)) this.#forgetUnreadable(message)
        unreadable.delete(message.key)
      }
      count += missed.length
      if (missed.length < COLLECTED_AT_ONCE) return count
      await log.written()
    }
  }

  #hear(news: PageHappening): void {
    const event = eventFromPage(news)
    if (event === null) {
      if (news.type === 'message' && news.wasUnreadable) this.#forgetUnreadable(news.message)
    } else if (this.#held === null) this.#add(event)
    else this.#held.push(event)
  }

  /** It can be read and is no event: it is not looked for any more. */
  #forgetUnreadable({ key }: PageMessageFacts): void {
    this.#options.log.add({ unreadable: key, writtenAt: null })
  }
}

const unixNow = () => Math.floor(Date.now() / 1_000)

/** As `markSeen` of `heard.ts` does in Redis. */
function markSeen(seen: Record<string, string>, { chat: { id }, t, key }: PageMessageFacts): void {
  const newest = Number.parseInt(seen[id] ?? '-1', 10)
  if (t >= newest) seen[id] = t === newest ? `${seen[id]} ${key}` : `${t} ${key}`
}
