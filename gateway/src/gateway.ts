import { randomBytes } from 'node:crypto'
import type { Logger } from '@wsg/shared/logger.ts'
import { connectForBlocking, connectForCommands } from '@wsg/shared/redis/connect.ts'
import { queues as queueNames } from '@wsg/shared/redis/keys.ts'
import { TokenTable } from './access/token-table.ts'
import { buildApp } from './app.ts'
import type { GatewayConfig } from './config.ts'
import { SessionDirectory } from './directory/session-directory.ts'
import type { GatewayApp } from './gateway-app.ts'
import { ControlQueue } from './jobs/control-queue.ts'
import { MessageQueue } from './jobs/message-queue.ts'
import { Placement } from './jobs/placement.ts'
import { Queues } from './jobs/queues.ts'
import { reconcile } from './jobs/reconcile.ts'
import { Reconciler } from './jobs/reconciler.ts'
import { Replies } from './jobs/replies.ts'
import { watchConnection } from './jobs/watch-connection.ts'
import { MessageSender } from './sending/message-sender.ts'
import { RedisRoom } from './sending/redis-room.ts'
import { Withdrawals } from './sending/withdrawals.ts'
import { SessionWishes } from './sessions/session-wishes.ts'

export interface Gateway {
  app: GatewayApp
  /** Ends the requests in flight, then what they stood on, in reverse order. */
  close(): Promise<void>
}

/** Puts a gateway together. It holds four connections to Redis, whatever the number of sessions. */
export async function createGateway(config: GatewayConfig, log: Logger): Promise<Gateway> {
  const gatewayId = randomBytes(8).toString('hex')
  const redis = connectForCommands(config.REDIS_URL, 'gateway')
  const subscriber = connectForBlocking(config.REDIS_URL, 'gateway:wake')
  const connectedMs = watchConnection(redis, log)
  const retentionMs = config.MESSAGE_RETENTION_HOURS * 3_600_000

  const queues = new Queues(redis, queueNames.placement)
  const replies = new Replies(subscriber, gatewayId)
  const placement = new Placement(queues)
  const messages = new MessageQueue({ redis, queues, log })
  const control = new ControlQueue({ redis, queues, replies, gatewayId })
  const directory = new SessionDirectory(redis)
  const wishes = new SessionWishes({ redis, placement, maxUnpaired: config.MAX_UNPAIRED })
  const withdrawals = new Withdrawals({ redis, retentionMs, log })
  const sender = new MessageSender({
    gatewayId,
    maxQueued: config.MAX_QUEUED,
    waitMs: config.SEND_WAIT_MS,
    messages,
    replies,
    wishes,
    directory,
    room: new RedisRoom(redis),
    withdrawals,
    log,
  })
  const tokens = new TokenTable(config)
  const app = await buildApp({ log, redis, tokens, directory, wishes, control, sender, replies, retentionMs })
  const reconciler = new Reconciler({
    redisUrl: config.REDIS_URL,
    redis,
    queues,
    log,
    reconcile: () => reconcile({ redis, placement, messages, log, connectedMs }),
  })

  return {
    app,
    async close() {
      await app.close()
      withdrawals.close()
      await reconciler.close()
      await messages.close()
      await queues.close()
      subscriber.disconnect()
      redis.disconnect()
    },
  }
}
