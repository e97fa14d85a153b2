import type { Redis } from 'ioredis'
import { type Job, jobSchema, type Reply, replySchema } from '../../operations/job.ts'
import { keys } from '../keys.ts'
import { defineScript, pairsToObject, runScript, type ScriptClient } from '../script.ts'
import { notify } from './session-notifications.ts'

const NOW = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`

/** KEYS: jobs. ARGV: job, how long its caller waits (ms), the channel of notifications. What is over goes, so that no list grows. */
const ADD = defineScript(`${NOW}
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
redis.call('PEXPIREAT', KEYS[1], redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')[2])
${notify('ARGV[3]', 'job')}
`)

/** KEYS: jobs, lease. ARGV: token. */
const TAKE = defineScript(`${NOW}
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return { now, {} } end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
local jobs = redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')
redis.call('DEL', KEYS[1])
return { now, jobs }
`)

/** Gives the owner of a session a job; where none takes it within `timeoutMs` it is dropped. */
export async function addJob(
  redis: ScriptClient,
  sessionId: string,
  job: Job,
  timeoutMs: number,
): Promise<void> {
  const args = [JSON.stringify(job), timeoutMs, keys.notifications(sessionId)]
  await runScript(redis, ADD, [keys.jobs(sessionId)], args)
}

/**
 * Takes every job of a session whose caller still waits. Times are Redis' own, so that no clock of a machine matters.
 * @returns none where `token` is not the lease's; null for one that this version cannot read
 */
export async function takeJobs(
  redis: ScriptClient,
  sessionId: string,
  token: string,
): Promise<{ job: Job | null; leftMs: number }[]> {
  const answer = await runScript(redis, TAKE, [keys.jobs(sessionId), keys.lease(sessionId)], [token])
  const [now, jobs] = answer as [number, string[]]
  return Object.entries(pairsToObject(jobs)).map(([text, until]) => ({
    job: jobSchema.safeParse(JSON.parse(text)).data ?? null,
    leftMs: Number(until) - now,
  }))
}

/** Leaves the reply to a job for its caller, who waits `leftMs` at most, and wakes it. */
export async function replyToJob(redis: Redis, job: Job, reply: Reply, leftMs: number): Promise<void> {
  await redis
    .multi()
    .set(keys.reply(job.id), JSON.stringify(reply), 'PX', Math.max(1, Math.ceil(leftMs)))
    .publish(keys.wake(job.gatewayId), job.id)
    .exec()
}

/** Takes the reply to a job away. @returns null where there is none yet */
export async function takeReply(redis: Redis, jobId: string): Promise<Reply | null> {
  const reply = await redis.getdel(keys.reply(jobId))
  return reply === null ? null : replySchema.parse(JSON.parse(reply))
}
