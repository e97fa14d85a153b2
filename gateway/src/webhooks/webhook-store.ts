import { ForbiddenAddress } from '@wsg/shared/net/address-guard.ts'
import type { RedisClient } from '@wsg/shared/redis/connection/redis-client.ts'
import {
  ALL_SESSIONS,
  listWebhooks,
  listWebhooksOfSessions,
  putWebhook,
  readWebhook,
  removeWebhook,
} from '@wsg/shared/redis/event/webhooks.ts'
import { z } from 'zod'
import type { TokenGrant } from '../access/grant.ts'
import type { GuardedFetch } from '../http/guarded-fetch.ts'
import { invalidRequest, Problem } from '../http/problem.ts'
import { ANSWER_WITHIN_MS, type AttemptOutcome, attempt } from './attempt.ts'
import { newSecret } from './sign.ts'
import { testEvent } from './test-event.ts'
import { overlap, readStored, type StoredWebhook, type WebhookBody, withBody } from './webhook.ts'

export const webhookParams = z.object({
  name: z.string().regex(/^[A-Za-z0-9_-]{1,50}$/, 'must be 1 to 50 letters, digits, hyphens and underscores'),
})

/** So many twins of a webhook are named. */
const MOST_WARNINGS = 10

/** Where a request's webhooks are: of the session that it names, or of all. */
export function scopeOf(sessionId: string): string {
  return sessionId === '' ? ALL_SESSIONS : sessionId
}

/** The webhooks of sessions and of all, as callers set them up. */
export class WebhookStore {
  readonly #redis: RedisClient
  readonly #fetch: GuardedFetch

  constructor(redis: RedisClient, fetch: GuardedFetch) {
    this.#redis = redis
    this.#fetch = fetch
  }

  async list(scope: string): Promise<{ name: string; webhook: StoredWebhook }[]> {
    const found = await listWebhooks(this.#redis, scope)
    return Object.entries(found)
      .map(([name, text]) => ({ name, webhook: readStored(text) }))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  /** @throws Problem webhook_not_found */
  async get(scope: string, name: string): Promise<StoredWebhook> {
    const text = await readWebhook(this.#redis, scope, name)
    if (text === null) throw new Problem('webhook_not_found')
    return readStored(text)
  }

  /**
   * @returns the webhook, its secret where it is new, and what else would post the same events to the same address
   * @throws Problem
   */
  async put(
    scope: string,
    name: string,
    body: WebhookBody,
    grant: TokenGrant | null,
  ): Promise<{ webhook: StoredWebhook; secret: string | null; warnings: string[] }> {
    const mayBePrivate = grant?.sessions === null
    try {
      this.#fetch.assertLiteral(body.url, mayBePrivate)
    } catch (error) {
      if (error instanceof ForbiddenAddress) throw invalidRequest(`url: ${error.message.replace(/\.$/, '')}`)
      throw error
    }
    const text = await readWebhook(this.#redis, scope, name)
    const before = text === null ? null : readStored(text)
    const secret = body.secret ?? before?.secret ?? newSecret()
    const webhook = withBody(body, before, { secret, mayBePrivate, nowMs: Date.now() })
    const written = await putWebhook(this.#redis, {
      scope,
      name,
      webhook: JSON.stringify(webhook),
      wants: webhook.enabled ? { events: webhook.events, chats: webhook.chats } : null,
    })
    if (written === 'not_found') throw new Problem('session_not_found', { members: { sessionId: scope } })
    if (written === 'deleting') throw new Problem('session_deleting', { members: { sessionId: scope } })
    const isNew = before?.secret !== secret
    return { webhook, secret: isNew ? secret : null, warnings: await this.#warnings(scope, name, webhook) }
  }

  /** @throws Problem webhook_not_found */
  async remove(scope: string, name: string): Promise<void> {
    if (!(await removeWebhook(this.#redis, scope, name))) throw new Problem('webhook_not_found')
  }

  /** Posts a test event, once, whether the webhook is enabled or not. @throws Problem webhook_not_found */
  async test(scope: string, name: string): Promise<AttemptOutcome & { id: string }> {
    const webhook = await this.get(scope, name)
    const event = testEvent(scope, Date.now())
    const request = { event, name: event.event, publicUrl: null, answerWithinMs: ANSWER_WITHIN_MS }
    return { id: event.id, ...(await attempt(this.#fetch, webhook, request)) }
  }

  /** What else would post the same events to the same address. */
  async #warnings(scope: string, name: string, webhook: StoredWebhook): Promise<string[]> {
    const all = { scope: ALL_SESSIONS, webhooks: await listWebhooks(this.#redis, ALL_SESSIONS) }
    const ofSessions =
      scope === ALL_SESSIONS
        ? await listWebhooksOfSessions(this.#redis)
        : [{ scope, webhooks: await listWebhooks(this.#redis, scope) }]
    const others = [all, ...ofSessions].flatMap(({ scope: of, webhooks }) =>
      Object.entries(webhooks).map(([other, text]) => ({ of, other, webhook: readStored(text) })),
    )
    const twins = others
      .filter(({ of, other }) => of !== scope || other !== name)
      .filter((twin) => overlap(twin.webhook, webhook))
      .map(
        ({ of, other }) =>
          `The webhook ${other} for ${of === ALL_SESSIONS ? 'all sessions' : `the session ${of}`} posts some of the same events to this address, where they come twice, each under one id.`,
      )
    const more = twins.length - MOST_WARNINGS
    return more > 0 ? [...twins.slice(0, MOST_WARNINGS), `So do ${more} more webhooks.`] : twins
  }
}
