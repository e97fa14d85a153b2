/**
 * A worker as the pool sees it, without a session's work: it says that it is idle, and otherwise does what the test
 * orders through a Redis channel of its own process id.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { keys } from '@wsg/shared/redis/keys.ts'
import type { WorkerMessage } from '@wsg/worker/src/pool/pool-messages.ts'
import { Redis } from 'ioredis'

const redis = new Redis(process.env.REDIS_URL ?? '')
const orders = redis.duplicate()
const workerId = `fake-${process.pid}`
const say = (message: WorkerMessage) => process.send?.(message)

let browser: ChildProcess | undefined

/** Something that outlives its parent, as a browser without a pipe would. */
function startBrowser(): void {
  browser = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' })
  say({ type: 'browser', pid: browser.pid ?? null })
}

process.on('message', () => void redis.sadd('started', process.pid))
process.on('disconnect', () => process.exit(0))
process.on('SIGTERM', () => process.exit(0))

orders.on('message', async (_channel, order: string) => {
  const [verb, sessionId = ''] = order.split(' ')
  if (verb === 'own') {
    startBrowser()
    await redis
      .multi()
      .set(keys.lease(sessionId), `1-${process.pid}`, 'PX', 60_000)
      .hset(keys.session(sessionId), 'worker', workerId)
      .exec()
    say({ type: 'owns', sessionId, token: `1-${process.pid}` })
  }
  if (verb === 'claim') {
    say({ type: 'claims', sessionId })
    await redis
      .multi()
      .set(keys.lease(sessionId), `1-${process.pid}`, 'PX', 60_000)
      .hset(keys.session(sessionId), 'worker', workerId)
      .exec()
  }
  if (verb === 'want') say({ type: 'start-wanted' })
  if (verb === 'over') say({ type: 'start-over' })
  if (verb === 'release') {
    browser?.kill('SIGKILL')
    say({ type: 'browser', pid: null })
    await redis.del(keys.lease(sessionId))
    say({ type: 'idle', workerId })
  }
})
await orders.subscribe(`orders:${process.pid}`)
if ((await redis.get('broken')) === null) say({ type: 'idle', workerId })
else process.exit(1)
