import type { PublicUrl } from '@wsg/shared/events/envelope.ts'
import type { Logger } from '@wsg/shared/logger.ts'
import type { RedisClient } from '@wsg/shared/redis/connection/redis-client.ts'
import { handOnWebhook, keepWebhook, takeDueWebhooks } from '@wsg/shared/redis/event/webhook-owners.ts'
import { ALL_SESSIONS, type WebhookKey } from '@wsg/shared/redis/event/webhooks.ts'
import type { Tracer } from '@wsg/shared/tracing/tracer.ts'
import pTimeout from 'p-timeout'
import type { EventNews } from '../events/event-news.ts'
import type { GuardedFetch } from '../http/guarded-fetch.ts'
import { type RetryPlan, retryPlan, WebhookLanes } from './webhook-lanes.ts'

/** So long after its death another gateway takes over what a gateway owned. */
const OWNED_MS = 6_000
const LOOK_EVERY_MS = 1_000
/** A webhook is let go of when nothing was due for so long. */
const LINGER_MS = 5_000
const TAKEN_AT_ONCE = 50
const STOP_WITHIN_MS = 1_000

export interface DelivererParts {
  redis: RedisClient
  gatewayId: string
  news: EventNews
  fetch: GuardedFetch
  publicUrl: PublicUrl
  tracer: Tracer | null
  log: Logger
  plan?: RetryPlan
}

/**
 * This gateway's part of all webhooks. One that has something to deliver is owned by one gateway, for as long as that goes on;
 * one that has nothing is owned by none and costs nothing. When a gateway dies its webhooks are free a few seconds later, and
 * whoever takes one finds in Redis what is not delivered.
 */
export class Deliverer {
  readonly #parts: DelivererParts
  readonly #owned = new Map<string, WebhookLanes>()
  readonly #timer: NodeJS.Timeout
  readonly #stopListening: () => void
  #taking: Promise<void> | null = null
  #takeAgain = false
  #isClosed = false

  constructor(parts: DelivererParts) {
    this.#parts = parts
    this.#timer = setInterval(() => void this.#keep(), LOOK_EVERY_MS)
    this.#stopListening = parts.news.listen({
      onEvent: (sessionId) => {
        for (const lanes of this.#owned.values()) {
          const { scope } = lanes.key
          if (sessionId === null || scope === ALL_SESSIONS || scope === sessionId) lanes.look()
        }
      },
      onDue: () => this.#take(),
    })
  }

  /** Ends what is in flight and hands its webhooks on. Takes a second at most. */
  async close(): Promise<void> {
    this.#isClosed = true
    clearInterval(this.#timer)
    this.#stopListening()
    const { redis, gatewayId, fetch } = this.#parts
    const owned = [...this.#owned.values()]
    const handOn = async (lanes: WebhookLanes) => {
      await pTimeout(lanes.stop(), { milliseconds: STOP_WITHIN_MS, fallback: () => {} })
      await handOnWebhook(redis, lanes.key, gatewayId).catch(() => {})
    }
    await Promise.all([this.#taking, ...owned.map(handOn)])
    await fetch.close()
  }

  #take(): void {
    if (this.#isClosed) return
    this.#takeAgain = true
    this.#taking ??= this.#takeAll().finally(() => {
      this.#taking = null
    })
  }

  async #takeAll(): Promise<void> {
    const { redis, gatewayId, log } = this.#parts
    try {
      while (this.#takeAgain && !this.#isClosed) {
        this.#takeAgain = false
        const request = { gatewayId, ttlMs: OWNED_MS, limit: TAKEN_AT_ONCE }
        const taken = await takeDueWebhooks(redis, request)
        for (const key of taken) this.#own(key)
        if (taken.length === TAKEN_AT_ONCE) this.#takeAgain = true
      }
    } catch (err) {
      log.debug({ err }, 'webhooks were not looked for; tried again')
    }
  }

  #own(key: WebhookKey): void {
    // It was lost for a moment, and nobody else took it.
    if (this.#owned.get(nameOf(key))?.isOver === false) return
    const { redis, fetch, publicUrl, log, tracer, plan = retryPlan } = this.#parts
    const lanes = new WebhookLanes(key, { redis, fetch, publicUrl, plan, tracer, log })
    this.#owned.set(nameOf(key), lanes)
    lanes.look()
  }

  /** Renews what is owned, lets go of what is idle, and looks for what others left. */
  async #keep(): Promise<void> {
    this.#take()
    await Promise.all([...this.#owned.values()].map((lanes) => this.#keepOne(lanes)))
  }

  async #keepOne(lanes: WebhookLanes): Promise<void> {
    const { redis, gatewayId, log } = this.#parts
    const request = { gatewayId, ttlMs: OWNED_MS, isDone: lanes.idleMs > LINGER_MS }
    try {
      const kept = await keepWebhook(redis, lanes.key, request)
      if (kept === 'kept' && !lanes.isOver) return lanes.look()
      if (this.#owned.get(nameOf(lanes.key)) === lanes) this.#owned.delete(nameOf(lanes.key))
      await lanes.stop()
      if (kept === 'kept') await handOnWebhook(redis, lanes.key, gatewayId)
    } catch (err) {
      log.debug({ err, webhook: lanes.key }, 'a webhook was not renewed; tried again')
    }
  }
}

function nameOf({ scope, name }: WebhookKey): string {
  return `${scope}/${name}`
}
