import type { RedisClient } from '../connection/redis-client.ts'
import { defineScript, runScript } from '../script.ts'

/** How often something was done in the time that runs, and when that time is over. */
export interface Count {
  count: number
  endsInMs: number
}

const COUNT = defineScript(
  { what: 'text', windowMs: 'number' },
  `
local count = redis.call('INCR', keys.counter(what))
if count == 1 then redis.call('PEXPIRE', keys.counter(what), windowMs) end
return { count, redis.call('PTTL', keys.counter(what)) }
`,
)

/** Counts it once more, for all gateways together. The time begins with the first one, and is not prolonged. */
export async function countOnce(redis: RedisClient, what: string, windowMs: number): Promise<Count> {
  const [count, endsInMs] = (await runScript(redis, COUNT, { what, windowMs })) as [number, number]
  return { count, endsInMs }
}
