import { setTimeout as pause } from 'node:timers/promises'
import type { Logger } from '@wsg/shared/logger.ts'
import type { StoredProxy } from '@wsg/shared/net/proxy-address.ts'
import type { RedisClient } from '@wsg/shared/redis/connection/redis-client.ts'
import { readProxy } from '@wsg/shared/redis/session/proxy.ts'
import type { Fence } from '../lease/fence.ts'
import { whileOwner } from '../lease/while-owner.ts'
import type { SessionNotifications } from '../session-notifications.ts'
import { ProfileLocked } from '../whatsapp/client-errors.ts'
import type { WhatsAppClient, WhatsAppClientEvents } from '../whatsapp/whatsapp-client.ts'

/** While another browser holds the profile, the next try comes after this long, and later each time up to the limit. */
const FIRST_RETRY_MS = 100
const LAST_RETRY_MS = 2_000

type ClientEvent = keyof WhatsAppClientEvents

/** What counts after the ownership has ended: what is in flight waits for its outcome, and what the page heard is told. */
const countsAfterEnd: ReadonlySet<ClientEvent> = new Set(['ack', 'sendFailed', 'news'])

/** What is done about each event of the client: one that is forgotten does not compile. */
export type ClientReactions = {
  [E in ClientEvent]: (...args: WhatsAppClientEvents[E]) => void
}

export interface SessionClientOptions {
  sessionId: string
  redis: RedisClient
  fence: Fence
  notifications: SessionNotifications
  createClient(sessionId: string, proxy: StoredProxy | null): WhatsAppClient
  /** Runs a browser start when it may begin, or never where `signal` comes first. */
  startGate(signal: AbortSignal, start: () => Promise<void>): Promise<void>
  reactions: ClientReactions
  /** Another browser holds the profile. */
  onProfileLocked(): void
  /** The session has another proxy now than its browser was started with. */
  onProxyChanged(): void
  /** The ownership ends. */
  ends: AbortSignal
  logger: Logger
}

/** The client of one ownership: bound to a proxy, opened when it may start, listened to, and killed. */
export class SessionClient {
  readonly #options: SessionClientOptions
  /** Undefined until it is known. */
  #proxy: StoredProxy | null | undefined
  #current: WhatsAppClient | null = null
  #isKilled = false

  constructor(options: SessionClientOptions) {
    this.#options = options
    for (const news of ['proxy', 'subscribed'] as const)
      options.notifications.on(news, () => void this.#checkProxy())
  }

  /** Null until its browser is to be started for the first time. */
  get current(): WhatsAppClient | null {
    return this.#current
  }

  get isKilled(): boolean {
    return this.#isKilled
  }

  /** Reads which proxy the browser is to go through. @throws FenceClosed */
  async readProxy(): Promise<void> {
    const { redis, sessionId, fence, logger } = this.#options
    this.#proxy = await whileOwner(fence, logger, () => readProxy(redis, sessionId))
  }

  /**
   * Opens the browser. While a predecessor's browser still holds the profile it tries again: that one is dying, or
   * belongs to a paused worker, which kills it when it wakes.
   * @throws what the client throws
   */
  async open(): Promise<void> {
    const { startGate, onProfileLocked, ends } = this.#options
    for (let retryMs = FIRST_RETRY_MS; !ends.aborted; retryMs = Math.min(LAST_RETRY_MS, retryMs * 2)) {
      try {
        return await startGate(ends, async () => {
          if (!ends.aborted) await this.#create().open()
        })
      } catch (error) {
        if (!(error instanceof ProfileLocked)) throw error
        if (ends.aborted) return
        onProfileLocked()
        await pause(retryMs)
      }
    }
  }

  /** Ends its browser in this turn. */
  kill(): void {
    this.#isKilled = true
    this.#current?.kill()
  }

  /** A browser is bound to the proxy that it was started with: looks whether that is still the session's. */
  async #checkProxy(): Promise<void> {
    if (this.#proxy === undefined) return
    const { redis, sessionId, onProxyChanged, logger } = this.#options
    try {
      const now = await readProxy(redis, sessionId)
      if (JSON.stringify(now) !== JSON.stringify(this.#proxy)) onProxyChanged()
    } catch (err) {
      // Redis is away; when it is back this is asked again.
      logger.warn({ err }, 'the proxy of the session could not be read')
    }
  }

  /** A client is used once. */
  #create(): WhatsAppClient {
    const { sessionId, createClient, reactions, ends } = this.#options
    const client = createClient(sessionId, this.#proxy ?? null)
    this.#current = client
    for (const event of Object.keys(reactions) as ClientEvent[]) {
      const react = reactions[event] as (...args: unknown[]) => void
      client.events.on(event, (...args: unknown[]) => {
        if (!ends.aborted || countsAfterEnd.has(event)) react(...args)
      })
    }
    return client
  }
}
