import type { Logger } from '@wsg/shared/logger.ts'
import type { Redis } from 'ioredis'
import type { TokenTable } from './access/token-table.ts'
import type { GatewayConfig } from './config.ts'
import type { SessionDirectory } from './directory/session-directory.ts'
import type { ControlQueue } from './jobs/control-queue.ts'
import type { Replies } from './jobs/replies.ts'
import type { GatewayMetrics } from './metrics/gateway-metrics.ts'
import type { Batches } from './sending/batches.ts'
import type { MessageSender } from './sending/message-sender.ts'
import type { SessionWishes } from './sessions/session-wishes.ts'

/** What routes are built from. */
export interface GatewayParts {
  log: Logger
  redis: Redis
  tokens: TokenTable
  directory: SessionDirectory
  wishes: SessionWishes
  control: ControlQueue
  sender: MessageSender
  batches: Batches
  replies: Replies
  metrics: GatewayMetrics
  metricsAccess: GatewayConfig['METRICS']
  /** How long a message record is kept after its final state. */
  retentionMs: number
}
