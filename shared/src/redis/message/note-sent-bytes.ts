import type { RedisClient } from '../connection/redis-client.ts'
import { defineScript, runScript } from '../script.ts'
import type { LeaseToken } from '../session/lease.ts'

const NOTE = defineScript(
  { session: 'text', token: 'text', id: 'text', sentBytes: 'number' },
  `
if redis.call('GET', keys.lease(session)) ~= token then return 0 end
if redis.call('EXISTS', keys.message(session, id)) == 1 then
  redis.call('HSET', keys.message(session, id), 'sentBytes', sentBytes)
end
return 1
`,
)

/** Says how much of a message's file WhatsApp has, where the lease is ours. Nothing is decided by it. */
export async function noteSentBytes(
  redis: RedisClient,
  note: { session: string; token: LeaseToken; id: string; sentBytes: number },
): Promise<void> {
  await runScript(redis, NOTE, note)
}
