import { randomBytes } from 'node:crypto'
import type { Logger } from '@wsg/shared/logger.ts'
import { openStore } from '@wsg/shared/media/open-store.ts'
import { Confirmations } from '@wsg/shared/redis/connection/confirmations.ts'
import {
  connectForBlocking,
  connectForCommands,
  logConnection,
  reconnectTogether,
  untilReady,
} from '@wsg/shared/redis/connection/connect.ts'
import { redisAddress } from '@wsg/shared/redis/connection/redis-address.ts'
import { queues } from '@wsg/shared/redis/keys.ts'
import { readProxy } from '@wsg/shared/redis/session/proxy.ts'
import { openTracer } from '@wsg/shared/tracing/open-tracer.ts'
import pTimeout from 'p-timeout'
import { Callers } from './access/callers.ts'
import { EnvironmentTokens } from './access/environment-tokens.ts'
import { IssuedTokens } from './access/issued-tokens.ts'
import { buildApp } from './app.ts'
import { Batches } from './batches/batches.ts'
import type { GatewayConfig } from './config.ts'
import { EventNews } from './events/event-news.ts'
import { EventStreams } from './events/event-stream.ts'
import type { GatewayApp } from './gateway-app.ts'
import { GuardedFetch } from './http/guarded-fetch.ts'
import { EventMaintenance } from './maintenance/event-maintenance.ts'
import { MessageMaintenance } from './maintenance/message-maintenance.ts'
import { reconcile } from './maintenance/reconcile.ts'
import { Converter } from './media/converter.ts'
import { MediaIntake } from './media/media-intake.ts'
import { MessageFiles } from './media/message-files.ts'
import { SessionFiles } from './media/session-files.ts'
import { MemoryGuard } from './messages/memory-guard.ts'
import { MessageAcceptor } from './messages/message-acceptor.ts'
import { MessageSender } from './messages/message-sender.ts'
import { RedisClock } from './messages/redis-clock.ts'
import { GatewayMetrics } from './metrics/gateway-metrics.ts'
import { openQueue } from './queues/open-queue.ts'
import { Placement } from './queues/placement.ts'
import { Reconciler } from './queues/reconciler.ts'
import { ReplyWaiters } from './reply-waiters.ts'
import { DesiredState } from './sessions/desired-state.ts'
import { SessionOperations } from './sessions/session-operations.ts'
import { Deliverer } from './webhooks/deliverer.ts'
import { WebhookStore } from './webhooks/webhook-store.ts'

const CONNECTS_WITHIN_MS = 1_000
/** Longer than the 1.5 s after which a command is given up that Redis does not answer, and the request with it. */
const ANSWERS_WITHIN_MS = 1_800
const QUEUES_WITHIN_MS = 500
const FILES_REMOVED_EVERY_MS = 600_000

export interface Gateway {
  app: GatewayApp
  /** Ends the requests in flight, then the queues and connections that they use. Takes 2.5 s at most. */
  close(): Promise<void>
}

/**
 * Puts a gateway together. It holds four connections to Redis, and a fifth where replicas have to confirm what is
 * accepted, whatever the number of sessions.
 */
export async function createGateway(config: GatewayConfig, log: Logger): Promise<Gateway> {
  const gatewayId = randomBytes(8).toString('hex')
  const address = redisAddress(config)
  const redis = connectForCommands(address, 'gateway')
  const subscriber = connectForBlocking(address, 'gateway:wake')
  reconnectTogether(redis, subscriber)
  // Waiting for replicas blocks a connection, so it has one of its own.
  const isConfirmed = config.REDIS_MIN_REPLICAS > 0
  const accepting = isConfirmed ? connectForCommands(address, 'gateway:accept') : redis
  const acceptances = new Confirmations(accepting, config.REDIS_MIN_REPLICAS)
  logConnection(redis, log)
  const tracer = await openTracer(config, 'gateway', log)
  const retentionMs = config.MESSAGE_RETENTION_HOURS * 3_600_000

  const placements = openQueue(redis, queues.placement)
  const schedule = openQueue(redis, queues.reconcile)
  const waiters = new ReplyWaiters(subscriber, gatewayId)
  const placement = new Placement(placements)
  const operations = new SessionOperations({ redis, waiters, gatewayId })
  const desired = new DesiredState({ redis, placement, maxUnpaired: config.MAX_UNPAIRED })
  const memory = new MemoryGuard({ redis, allowsEviction: config.REDIS_EVICTION === 'allow', log })
  const acceptor = new MessageAcceptor({
    maxQueued: config.MAX_QUEUED,
    retentionMs,
    acceptances,
    redis,
    desired,
    memory,
    clock: new RedisClock(redis),
    log,
  })
  const waitMs = config.SEND_WAIT_MS
  const sender = new MessageSender({ redis, gatewayId, waitMs, acceptor, waiters })
  const fileFetch = new GuardedFetch(
    config.MEDIA_ALLOW,
    'A file is fetched from there only where MEDIA_ALLOW lets it through.',
  )
  const store = openStore(config)
  const files = new SessionFiles({ redis, store })
  const fileRetentionMs = config.MEDIA_RETENTION_HOURS * 3_600_000
  const metrics = new GatewayMetrics({ redis, memory, log })
  const fileLimits = { retentionMs: fileRetentionMs, maxBytes: config.MAX_MEDIA_MB * 1_000_000 }
  const url = config.CONVERTER_URL
  const converter = url === undefined ? null : new Converter({ url, redis, files, metrics, ...fileLimits })
  const media = new MediaIntake({
    fetch: fileFetch,
    proxyOf: (sessionId) => readProxy(redis, sessionId),
    files,
    converter,
    ...fileLimits,
  })
  const batches = new Batches({ redis, media, acceptor, memory, retentionMs, log })
  const tokens = new IssuedTokens({ redis, subscriber, log })
  const callers = new Callers({ redis, environment: new EnvironmentTokens(config), issued: tokens })
  const news = new EventNews(subscriber)
  const eventRetentionMs = config.EVENT_RETENTION_HOURS * 3_600_000
  const fetch = new GuardedFetch(config.WEBHOOK_ALLOW)
  const publicUrl = config.PUBLIC_URL ?? null
  const app = await buildApp({
    log,
    redis,
    callers,
    tokens,
    desired,
    operations,
    sender,
    batches,
    streams: new EventStreams({ redis, news, retentionMs: eventRetentionMs, publicUrl, log }),
    webhooks: new WebhookStore(redis, fetch),
    media,
    files,
    messageFiles: new MessageFiles({ redis, files, retentionMs: fileRetentionMs }),
    waiters,
    memory,
    metrics,
    tracer,
    metricsAccess: config.METRICS,
    maxConnections: config.MAX_CONNECTIONS,
    simulatorUrl: config.SIMULATOR_URL ?? null,
    retentionMs,
  })
  const maintenance = new MessageMaintenance({ redis, desired, retentionMs, log })
  const events = new EventMaintenance({ redis, retentionMs: eventRetentionMs })
  const deliverer = new Deliverer({ redis, gatewayId, news, fetch, publicUrl, tracer, log })
  const reconciler = new Reconciler({
    address,
    redis,
    queue: schedule,
    log,
    reconcile: () => reconcile({ redis, placement, log, maintenance, events }),
  })

  const removeFiles = setInterval(() => {
    store.removeExpired().catch((err: unknown) => log.warn({ err }, 'old files could not be removed'))
  }, FILES_REMOVED_EVERY_MS).unref()

  // Wait for Redis, so that the first request does not get a 503.
  const isConnected = Promise.all([redis, accepting].map((client) => untilReady(client)))
  await pTimeout(isConnected, { milliseconds: CONNECTS_WITHIN_MS, fallback: () => [] })
  return {
    app,
    async close() {
      clearInterval(removeFiles)
      const scheduleLeft = reconciler.close()
      const delivered = deliverer.close()
      const cut = () => app.server.closeAllConnections()
      await pTimeout(app.close(), { milliseconds: ANSWERS_WITHIN_MS, fallback: cut })
      await Promise.all([scheduleLeft, delivered, fileFetch.close(), converter?.close()])
      await tracer?.close()
      const closed = Promise.allSettled([placements.close(), schedule.close()])
      await pTimeout(closed, { milliseconds: QUEUES_WITHIN_MS, fallback: () => [] })
      subscriber.disconnect()
      accepting.disconnect()
      redis.disconnect()
    },
  }
}
