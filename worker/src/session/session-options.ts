import type { Logger } from '@wsg/shared/logger.ts'
import type { Confirmations } from '@wsg/shared/redis/connection/confirmations.ts'
import type { RedisClient } from '@wsg/shared/redis/connection/redis-client.ts'
import type { LeaseToken } from '@wsg/shared/redis/session/lease.ts'
import type { Instant } from '../lease/fence.ts'
import type { MemoryMeter } from '../memory/memory-meter.ts'
import type { WhatsAppClient } from '../whatsapp/whatsapp-client.ts'
import type { ProfileFolder } from './profile-folder.ts'
import type { SessionSettings } from './session-settings.ts'

export interface SessionOptions {
  sessionId: string
  token: LeaseToken
  /** When the lease was asked for. */
  askedAt: Instant
  /** True where the owner before never let go. */
  predecessorLost: boolean
  settings: SessionSettings
  memory: Pick<MemoryMeter, 'limitMb' | 'killedByKernel'>
  /** Fails at once while Redis is away. */
  commands: RedisClient
  /** Of what is written by `commands`. */
  confirmations: Confirmations
  /** Waits Redis out; for subscribing. */
  wakes: RedisClient
  profiles: ProfileFolder
  createClient(sessionId: string): WhatsAppClient
  /** Runs a browser start when it may begin, or never where `signal` comes first. */
  startGate(signal: AbortSignal, start: () => Promise<void>): Promise<void>
  offerPlacement(sessionId: string): Promise<void>
  /** Ends this process in this very turn. Its browser is dead already. */
  die(reason: string): void
  logger: Logger
}
