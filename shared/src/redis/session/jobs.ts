import { type Job, jobSchema, type Reply, replySchema } from '../../operations/job.ts'
import type { RedisClient } from '../connection/redis-client.ts'
import { commandsOf } from '../connection/redis-commands.ts'
import { keys } from '../keys.ts'
import { defineScript, NOW, pairsToObject, runScript } from '../script.ts'
import { notify } from './session-notifications.ts'

/** What is over goes, so that no list grows. */
const ADD = defineScript(
  { session: 'text', job: 'text', timeoutMs: 'number' },
  `${NOW}
local jobs = keys.jobs(session)
redis.call('ZREMRANGEBYSCORE', jobs, '-inf', now)
redis.call('ZADD', jobs, now + timeoutMs, job)
redis.call('PEXPIREAT', jobs, redis.call('ZRANGE', jobs, -1, -1, 'WITHSCORES')[2])
${notify('job')}
`,
)

const TAKE = defineScript(
  { session: 'text', token: 'text' },
  `${NOW}
if redis.call('GET', keys.lease(session)) ~= token then return { now, {} } end
redis.call('ZREMRANGEBYSCORE', keys.jobs(session), '-inf', now)
local jobs = redis.call('ZRANGE', keys.jobs(session), 0, -1, 'WITHSCORES')
redis.call('DEL', keys.jobs(session))
return { now, jobs }
`,
)

/** A gateway that was held up looks for the reply a moment after its caller's time. */
const REPLY_KEPT_MS = 10_000

/** Gives the owner of a session a job; where none takes it within `timeoutMs` it is dropped. */
export async function addJob(
  redis: RedisClient,
  sessionId: string,
  job: Job,
  timeoutMs: number,
): Promise<void> {
  await runScript(redis, ADD, { session: sessionId, job: JSON.stringify(job), timeoutMs })
}

/**
 * Takes every job of a session whose caller still waits. Times are Redis' own, so that no clock of a machine matters.
 * @returns none where `token` is not the lease's; null for one that this version cannot read
 */
export async function takeJobs(
  redis: RedisClient,
  sessionId: string,
  token: string,
): Promise<{ job: Job | null; leftMs: number }[]> {
  const answer = await runScript(redis, TAKE, { session: sessionId, token })
  const [now, jobs] = answer as [number, string[]]
  return Object.entries(pairsToObject(jobs)).map(([text, until]) => ({
    job: jobSchema.safeParse(JSON.parse(text)).data ?? null,
    leftMs: Number(until) - now,
  }))
}

/** Leaves the reply to a job for its caller, who waits `leftMs` at most, and wakes it. */
export async function replyToJob(redis: RedisClient, job: Job, reply: Reply, leftMs: number): Promise<void> {
  await commandsOf(redis)
    .multi()
    .set(keys.reply(job.id), JSON.stringify(reply), 'PX', Math.max(0, Math.ceil(leftMs)) + REPLY_KEPT_MS)
    .publish(keys.wake(job.gatewayId), job.id)
    .exec()
}

/**
 * Takes the reply to a job away, once it is here: where Redis' answer is lost on the way the next look finds it.
 * @returns null where there is none yet
 */
export async function takeReply(redis: RedisClient, jobId: string): Promise<Reply | null> {
  const commands = commandsOf(redis)
  const reply = await commands.get(keys.reply(jobId))
  if (reply === null) return null
  // One that stays is over soon.
  commands.del(keys.reply(jobId)).catch(() => {})
  return replySchema.parse(JSON.parse(reply))
}
