import type { Logger } from '@wsg/shared/logger.ts'
import type { RedisClient } from '@wsg/shared/redis/connection/redis-client.ts'
import type { Tracer } from '@wsg/shared/tracing/tracer.ts'
import type { Callers } from './access/callers.ts'
import type { IssuedTokens } from './access/issued-tokens.ts'
import type { Batches } from './batches/batches.ts'
import type { GatewayConfig } from './config.ts'
import type { EventStreams } from './events/event-stream.ts'
import type { MediaIntake } from './media/media-intake.ts'
import type { MessageFiles } from './media/message-files.ts'
import type { SessionFiles } from './media/session-files.ts'
import type { MemoryGuard } from './messages/memory-guard.ts'
import type { MessageSender } from './messages/message-sender.ts'
import type { GatewayMetrics } from './metrics/gateway-metrics.ts'
import type { ReplyWaiters } from './reply-waiters.ts'
import type { DesiredState } from './sessions/desired-state.ts'
import type { SessionOperations } from './sessions/session-operations.ts'
import type { WebhookStore } from './webhooks/webhook-store.ts'

/** What routes are built from. */
export interface GatewayParts {
  log: Logger
  redis: RedisClient
  callers: Callers
  tokens: IssuedTokens
  desired: DesiredState
  operations: SessionOperations
  sender: MessageSender
  batches: Batches
  streams: EventStreams
  webhooks: WebhookStore
  media: MediaIntake
  files: SessionFiles
  messageFiles: MessageFiles
  waiters: ReplyWaiters
  memory: MemoryGuard
  metrics: GatewayMetrics
  tracer: Tracer | null
  metricsAccess: GatewayConfig['METRICS']
  maxConnections: number
  /** Where simulated phones are reached; null outside of the sandbox. */
  simulatorUrl: string | null
  /** How long a message record is kept after its final state. */
  retentionMs: number
}
