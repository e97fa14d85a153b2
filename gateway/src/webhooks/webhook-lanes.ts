import { setTimeout as pause } from 'node:timers/promises'
import { type LoggedEvent, loggedAt, type PublicUrl } from '@wsg/shared/events/envelope.ts'
import { nameFor } from '@wsg/shared/events/events.ts'
import type { Logger } from '@wsg/shared/logger.ts'
import type { RedisClient } from '@wsg/shared/redis/connection/redis-client.ts'
import {
  type Attempts,
  type DueDelivery,
  endWebhook,
  noteAttempts,
  readDue,
  settleDelivery,
} from '@wsg/shared/redis/event/deliveries.ts'
import { readEvent } from '@wsg/shared/redis/event/read-events.ts'
import { readWebhook, type WebhookKey } from '@wsg/shared/redis/event/webhooks.ts'
import type { Span, Tracer } from '@wsg/shared/tracing/tracer.ts'
import pLimit from 'p-limit'
import type { GuardedFetch } from '../http/guarded-fetch.ts'
import { ANSWER_WITHIN_MS, type AttemptOutcome, attempt } from './attempt.ts'
import { readStored, type StoredWebhook } from './webhook.ts'

const READ_AT_ONCE = 200
/** Deliveries of one webhook whose places are held in memory; what waits behind them stays in Redis. */
const HELD_AT_MOST = 20_000
/** Requests to one receiver at a time, each for another chat. */
const AT_ONCE = 16
const REDIS_REST_MS = 500
/** What is kept of a delivery's attempts before the last: so many, with so many characters of each answer. */
const EARLIER = { keptMax: 9, answerCut: 80 }

/** When a delivery has failed, and when one that did is tried again. */
export const retryPlan = {
  answerWithinMs: ANSWER_WITHIN_MS,
  /** So long it holds back what follows in its chat, with growing pauses; afterwards it is tried again behind the others. */
  holdMs: 5 * 60_000,
  firstPauseMs: 1_000,
  longestPauseMs: 30_000,
  /** After the hold: the first wait, doubled each time up to the longest. */
  firstWaitMs: 5 * 60_000,
  longestWaitMs: 3_600_000,
  /** So long after its first attempt it is given up. */
  giveUpAfterMs: 24 * 3_600_000,
}
export type RetryPlan = typeof retryPlan

export interface WebhookLanesParts {
  redis: RedisClient
  fetch: GuardedFetch
  publicUrl: PublicUrl
  plan: RetryPlan
  tracer: Tracer | null
  log: Logger
}

/**
 * Delivers for one webhook, for as long as this gateway owns it. Each chat is a lane: one attempt is in flight in it at a time,
 * and one that fails holds the lane for a while. Where two gateways do this for a moment, events come twice, under one id.
 */
export class WebhookLanes {
  readonly key: WebhookKey
  readonly #parts: WebhookLanesParts
  readonly #limit = pLimit(AT_ONCE)
  readonly #lanes = new Map<string, DueDelivery[]>()
  readonly #held = new Set<string>()
  readonly #running = new Set<Promise<void>>()
  readonly #stop = new AbortController()
  /** The place up to which deliveries were read. */
  #readTo = '-inf'
  #reading: Promise<void> | null = null
  #readAgain = false
  #idleSince = performance.now()

  constructor(key: WebhookKey, parts: WebhookLanesParts) {
    this.key = key
    this.#parts = parts
  }

  /** How long nothing was there to be delivered, in ms. */
  get idleMs(): number {
    return this.#held.size === 0 && this.#reading === null ? performance.now() - this.#idleSince : 0
  }

  /** True once it begins nothing any more. */
  get isOver(): boolean {
    return this.#stop.signal.aborted
  }

  /** Something may have become due. */
  look(): void {
    if (this.#stop.signal.aborted) return
    // All that is due is unknown then, wherever it stands.
    if (this.#held.size === 0) this.#readTo = '-inf'
    this.#readAgain = true
    this.#reading ??= this.#read().finally(() => {
      this.#reading = null
    })
  }

  /** Begins nothing any more. Resolves when what is in flight has ended. */
  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#reading
    await Promise.allSettled(this.#running)
  }

  async #read(): Promise<void> {
    const { redis, log } = this.#parts
    try {
      while (this.#readAgain && !this.#stop.signal.aborted && this.#held.size < HELD_AT_MOST) {
        this.#readAgain = false
        const due = await readDue(redis, this.key, { from: this.#readTo, limit: READ_AT_ONCE })
        const entered = due.filter((delivery) => this.#enter(delivery))
        this.#readTo = due.at(-1)?.score ?? this.#readTo
        // The last of them is read again the next time, since others may share its place.
        if (due.length === READ_AT_ONCE && entered.length > 0) this.#readAgain = true
      }
    } catch (err) {
      log.warn({ err, webhook: this.key }, 'what is due could not be read; tried again')
    }
  }

  /** @returns false where it was there already */
  #enter(delivery: DueDelivery): boolean {
    if (this.#held.has(delivery.key)) return false
    this.#held.add(delivery.key)
    const name = `${delivery.sessionId}/${delivery.chat}`
    const lane = this.#lanes.get(name)
    if (lane !== undefined) return lane.push(delivery) > 0
    const started = [delivery]
    this.#lanes.set(name, started)
    const run = this.#run(name, started).finally(() => this.#running.delete(run))
    this.#running.add(run)
    return true
  }

  async #run(name: string, lane: DueDelivery[]): Promise<void> {
    /** Since when nothing in this lane was delivered, epoch ms. */
    let failingSince: number | null = null
    for (let head = lane[0]; head !== undefined && !this.#stop.signal.aborted; head = lane[0]) {
      try {
        failingSince = await this.#deliver(head, failingSince)
      } catch (err) {
        if (this.#stop.signal.aborted) return
        this.#parts.log.warn({ err, webhook: this.key }, 'Redis refused a delivery its place; tried again')
        await this.#rest(REDIS_REST_MS)
        continue
      }
      lane.shift()
      this.#held.delete(head.key)
      this.#idleSince = performance.now()
    }
    this.#lanes.delete(name)
  }

  /** Until it is delivered or goes behind the others. @returns since when the lane fails, null where it does not */
  async #deliver(delivery: DueDelivery, failingSince: number | null): Promise<number | null> {
    const { redis, plan } = this.#parts
    let { attempts } = delivery
    for (;;) {
      const tried = await this.#limit(() => this.#try(delivery))
      if (tried === null) return failingSince
      attempts = countedTo(attempts, delivery.key, tried)
      if (tried.outcome === 'delivered') {
        await settleDelivery(redis, this.key, delivery, {
          status: 'delivered',
          at: attempts.lastAt,
          attempts,
        })
        return null
      }
      const { firstAt, lastAt } = attempts
      if (lastAt - firstAt > plan.giveUpAfterMs) {
        await settleDelivery(redis, this.key, delivery, { status: 'dead', at: lastAt, attempts })
        return failingSince ?? firstAt
      }
      if (lastAt - Math.min(firstAt, failingSince ?? firstAt) >= plan.holdMs) {
        const at = lastAt + waitMs(plan, attempts)
        await settleDelivery(redis, this.key, delivery, { status: 'retrying', at, attempts })
        return failingSince ?? firstAt
      }
      await noteAttempts(redis, this.key, delivery, attempts)
      await this.#rest(Math.min(plan.longestPauseMs, plan.firstPauseMs * 2 ** (attempts.attempts - 1)))
      if (this.#stop.signal.aborted) throw new Error('stopped')
    }
  }

  /** @returns null where it is not to be delivered any more */
  async #try(delivery: DueDelivery): Promise<AttemptOutcome | null> {
    const { redis, fetch, publicUrl, log, plan } = this.#parts
    const { scope, name } = this.key
    if (this.#stop.signal.aborted) throw new Error('stopped')
    const [text, event] = await Promise.all([
      readWebhook(redis, scope, name),
      readEvent(redis, delivery.sessionId, delivery.position),
    ])
    const webhook = text === null ? null : readStored(text)
    if (webhook === null || !webhook.enabled) return null
    const as = event === null ? null : nameFor(event.event, webhook.events)
    if (event === null || as === null) {
      const at = loggedAt(delivery.position)
      const none = { key: delivery.key, attempts: 0, firstAt: at, lastAt: at, tookMs: 0, answer: '' }
      await settleDelivery(redis, this.key, delivery, { status: 'dropped', at, attempts: none })
      return null
    }
    const span = this.#startSpan(event, as)
    const { answerWithinMs } = plan
    const tried = await attempt(fetch, webhook, {
      ...{ event, name: as, publicUrl, answerWithinMs },
      traceparent: span?.traceparent,
    })
    span?.end({
      attributes: { 'http.response.status_code': tried.status ?? 0 },
      ...(tried.outcome !== 'delivered' && { failure: tried.outcome }),
    })
    if (tried.outcome === 'gone') await this.#end(webhook)
    else if (tried.outcome === 'failed')
      log.info({ webhook: this.key, status: tried.status ?? null, tookMs: tried.tookMs }, 'a delivery failed')
    return tried.outcome === 'gone' ? null : tried
  }

  /** On the trace of the message that the event is about. @returns null where nothing of it is traced */
  #startSpan({ id, sessionId, traceparent }: LoggedEvent, event: string): Span | null {
    const { tracer } = this.#parts
    if (tracer === null || traceparent === undefined) return null
    return tracer.start(`webhook ${event}`, {
      kind: 'client',
      parent: traceparent,
      attributes: { 'wsg.session_id': sessionId, 'wsg.event_id': id, 'wsg.webhook': this.key.name },
    })
  }

  async #end(webhook: StoredWebhook): Promise<void> {
    this.#stop.abort()
    const ended = { at: Date.now(), reason: 'gone' as const }
    await endWebhook(this.#parts.redis, this.key, JSON.stringify({ ...webhook, enabled: false, ended }))
    this.#parts.log.warn({ webhook: this.key }, 'the receiver is gone (410); its webhook is disabled')
  }

  async #rest(ms: number): Promise<void> {
    await pause(ms, undefined, { signal: this.#stop.signal }).catch(() => {})
  }
}

function countedTo(before: Attempts | null, key: string, { outcome, ...tried }: AttemptOutcome): Attempts {
  const now = Date.now()
  const earlier = before === null ? [] : [asEarlier(before), ...(before.earlier ?? [])]
  return {
    key,
    attempts: (before?.attempts ?? 0) + 1,
    firstAt: before?.firstAt ?? now,
    lastAt: now,
    ...tried,
    ...(earlier.length > 0 && { earlier: earlier.slice(0, EARLIER.keptMax) }),
  }
}

function asEarlier({ lastAt: at, status, tookMs, answer }: Attempts) {
  return { at, ...(status !== undefined && { status }), tookMs, answer: answer.slice(0, EARLIER.answerCut) }
}

/** How long a delivery waits behind the others. */
function waitMs({ firstWaitMs, longestWaitMs, holdMs }: RetryPlan, { firstAt, lastAt }: Attempts): number {
  // As long again as it has failed already, so that waits double.
  return Math.min(longestWaitMs, Math.max(firstWaitMs, lastAt - firstAt - holdMs))
}
