import type { RedisClient } from '../connection/redis-client.ts'
import { defineScript, NOW, runScript } from '../script.ts'
import type { LeaseToken } from '../session/lease.ts'

/** Lua for scripts with the arguments `session`, `token` and `id`. `note(field, value)` writes where the lease is ours and the record is there. */
const NOTE = `
local function note(field, value)
  if redis.call('GET', keys.lease(session)) ~= token then return 0 end
  if redis.call('EXISTS', keys.message(session, id)) == 1 then
    redis.call('HSET', keys.message(session, id), field, value)
  end
  return 1
end
`

const NOTE_SENT_BYTES = defineScript(
  { session: 'text', token: 'text', id: 'text', sentBytes: 'number' },
  `${NOTE}
return note('sentBytes', sentBytes)
`,
)

const NOTE_RESENT = defineScript(
  { session: 'text', token: 'text', id: 'text' },
  `${NOW}${NOTE}
return note('resentAt', now)
`,
)

export interface Noted {
  session: string
  token: LeaseToken
  id: string
}

/** Says how much of a message's file WhatsApp has, where the lease is ours. Nothing is decided by it. */
export async function noteSentBytes(redis: RedisClient, noted: Noted & { sentBytes: number }): Promise<void> {
  await runScript(redis, NOTE_SENT_BYTES, { ...noted })
}

/** Says that a message is sent again under its id from now on. @returns false where the lease is somebody else's */
export async function noteResent(redis: RedisClient, noted: Noted): Promise<boolean> {
  return (await runScript(redis, NOTE_RESENT, { ...noted })) === 1
}
