import { keys } from '@wsg/shared/redis/keys.ts'
import { defineScript, runScript, type ScriptClient } from '@wsg/shared/redis/script.ts'

/** KEYS: sessions, desired, ready, waiting_qr, failed, workers, idle workers. Nothing is read per session but the failed. */
const COUNT = defineScript(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function living(key) return redis.call('ZCOUNT', key, now, '+inf') end
local both = 0
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[5], now, '+inf')) do
  if redis.call('ZSCORE', KEYS[2], id) then both = both + 1 end
end
return { redis.call('ZCARD', KEYS[1]), redis.call('ZCARD', KEYS[2]), living(KEYS[3]), living(KEYS[4]), living(KEYS[5]),
  both, living(KEYS[6]), living(KEYS[7]) }
`)

export interface SessionCounts {
  total: number
  ready: number
  waiting_qr: number
  initializing: number
  failed: number
}

export interface HealthCounts {
  sessions: SessionCounts
  workers: { total: number; idle: number }
}

/** Counts sets scored by how long their members' word holds: no counter that could drift, no read per session. */
export async function countSessions(redis: ScriptClient): Promise<HealthCounts> {
  const [total, desired, ready, waitingQr, failed, failedAndDesired, workers, idle] = (await runScript(
    redis,
    COUNT,
    [
      keys.sessions,
      keys.desired,
      keys.inState('ready'),
      keys.inState('waiting_qr'),
      keys.inState('failed'),
      keys.workers,
      keys.idleWorkers,
    ],
    [],
  )) as [number, number, number, number, number, number, number, number]
  const initializing = Math.max(0, desired - ready - waitingQr - failedAndDesired)
  return {
    sessions: { total, ready, waiting_qr: waitingQr, initializing, failed },
    workers: { total: workers, idle },
  }
}
