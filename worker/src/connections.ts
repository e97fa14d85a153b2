import { setTimeout as pause } from 'node:timers/promises'
import { Confirmations } from '@wsg/shared/redis/connection/confirmations.ts'
import {
  connectForBlocking,
  connectForCommands,
  reconnectTogether,
  untilReady,
} from '@wsg/shared/redis/connection/connect.ts'
import type { RedisAddress } from '@wsg/shared/redis/connection/redis-address.ts'
import type { RedisClient } from '@wsg/shared/redis/connection/redis-client.ts'
import { ping } from '@wsg/shared/redis/connection/server.ts'

const ASK_EVERY_MS = 100

/**
 * The connections of one worker: these three, and while it is idle one more, on which it waits for a placement.
 */
export interface Connections {
  /** For scripts and commands; fails at once while Redis is away. */
  commands: RedisClient
  /** Of what is written by `commands`. */
  confirmations: Confirmations
  /** For BullMQ, which waits out an absence of Redis and makes its blocking connections from this one. */
  queues: RedisClient
  /** For subscribing. */
  wakes: RedisClient
  /** Resolves when commands can be given, or `signal` comes. */
  ready(signal: AbortSignal): Promise<void>
  /** Resolves with true when Redis has answered nothing for so many ms, with false where `signal` came first. */
  unanswered(ms: number, signal: AbortSignal): Promise<boolean>
  /** Cuts them without waiting for answers. */
  close(): void
}

/** @param minReplicas how many replicas have to confirm what must survive a failover */
export function openConnections(
  address: RedisAddress | string,
  workerId: string,
  minReplicas = 0,
): Connections {
  const commands = connectForCommands(address, `worker:${workerId}`)
  const queues = connectForBlocking(address, `worker:${workerId}:queues`)
  const wakes = connectForBlocking(address, `worker:${workerId}:wakes`)
  reconnectTogether(commands, queues)
  reconnectTogether(commands, wakes)
  return {
    commands,
    confirmations: new Confirmations(commands, minReplicas),
    queues,
    wakes,
    ready: (signal) => untilReady(commands, signal),
    unanswered: (ms, signal) => untilUnanswered(commands, ms, signal),
    close() {
      commands.disconnect()
      queues.disconnect()
      wakes.disconnect()
    },
  }
}

async function untilUnanswered(redis: RedisClient, ms: number, signal: AbortSignal): Promise<boolean> {
  let answeredAt = performance.now()
  while (!signal.aborted) {
    const isAnswered = await ping(redis).then(
      () => true,
      () => false,
    )
    if (isAnswered) answeredAt = performance.now()
    else if (performance.now() - answeredAt >= ms) return !signal.aborted
    await pause(ASK_EVERY_MS, undefined, { ref: false })
  }
  return false
}
