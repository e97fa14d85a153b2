import type { RedisClient } from '../connection/redis-client.ts'
import { defineScript, NOW, runScript } from '../script.ts'
import type { LeaseToken } from '../session/lease.ts'

/** Lua for scripts with the arguments `session`, `token` and `id`. `note(field, value)` writes where the lease is ours and the record is there; nil removes. */
const NOTE = `
local function note(field, value)
  if redis.call('GET', keys.lease(session)) ~= token then return 0 end
  local record = keys.message(session, id)
  if not value then redis.call('HDEL', record, field)
  elseif redis.call('EXISTS', record) == 1 then redis.call('HSET', record, field, value) end
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
  `${NOW}
if redis.call('GET', keys.lease(session)) ~= token then return 'fenced' end
if redis.call('HGET', keys.message(session, id), 'state') ~= 'sending' then return 'settled' end
redis.call('HSET', keys.message(session, id), 'resentAt', now)
return 'noted'
`,
)

const NOTE_NOT_RESENT = defineScript(
  { session: 'text', token: 'text', id: 'text', before: 'number?' },
  `${NOTE}
return note('resentAt', before)
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

/**
 * Says that a message may be sent again under its id from now on.
 * @returns `settled` where its outcome is known, and nothing was written; `fenced` where the lease is somebody else's
 */
export async function noteResent(redis: RedisClient, noted: Noted): Promise<'noted' | 'settled' | 'fenced'> {
  return (await runScript(redis, NOTE_RESENT, { ...noted })) as 'noted' | 'settled' | 'fenced'
}

/**
 * Takes that back, since it was not sent again after all.
 * @param noted `before`: when it was sent again earlier (epoch ms); undefined where it was not
 * @returns false where the lease is somebody else's
 */
export async function noteNotResent(
  redis: RedisClient,
  noted: Noted & { before: number | undefined },
): Promise<boolean> {
  return (await runScript(redis, NOTE_NOT_RESENT, { ...noted })) === 1
}
