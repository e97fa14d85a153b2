import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { keys } from '@wsg/shared/redis/keys.ts'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RedisServer, startRedis } from '../../../support/redis.ts'
import { waitFor } from '../../../support/wait-for.ts'
import { ActingWorker } from '../acting-worker.ts'
import { LiveUpload, lineOf } from './bulk-client.ts'

/** `BULK_LINES=100000` for the figures; the run prints them. */
const LINES = Number(process.env.BULK_LINES ?? 2_000)
const MAIN = join(import.meta.dirname, '../../../../gateway/src/main.ts')

let redis: RedisServer
let client: Redis
let gateway: ChildProcess
let address: string

beforeAll(async () => {
  redis = await startRedis()
  client = new Redis(redis.url)
  gateway = fork(MAIN, {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: [],
    env: {
      PATH: process.env.PATH,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      API_TOKEN: 'token-of-the-tests',
      REDIS_URL: redis.url,
      PORT: '0',
      LOG_LEVEL: 'warn',
      MAX_QUEUED: String(LINES),
    },
  })
  const [{ port }] = (await once(gateway, 'message')) as [{ port: number }]
  address = `http://127.0.0.1:${port}`
  await waitFor('it to be ready', async () => (await fetch(`${address}/readyz`)).ok)
})

afterAll(async () => {
  gateway.kill('SIGKILL')
  await once(gateway, 'exit')
  client.disconnect()
  await redis.stop()
})

/** Memory of the gateway that is in RAM, in MB. */
function residentMb(): number {
  const status = readFileSync(`/proc/${gateway.pid}/status`, 'utf8')
  return Math.round(Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1_024)
}

test(`${LINES} lines are accepted in order at constant memory of the gateway`, {
  timeout: 600_000,
}, async () => {
  const samples: number[][] = []
  for (const session of ['warm-up', 'measured']) {
    const worker = await ActingWorker.ready(redis.url, session, 600_000)
    const upload = await LiveUpload.start(address, session, { 'idempotency-key': 'k' })
    const taken: number[] = []
    const started = performance.now()
    for (let number = 1; number <= LINES; number += 1) {
      await upload.write(lineOf(number))
      if (number % Math.ceil(LINES / 20) === 0) taken.push(residentMb())
    }
    upload.end()
    await upload.ended
    samples.push([...taken, residentMb()])
    const seconds = (performance.now() - started) / 1_000
    if (process.env.BULK_LINES !== undefined) {
      console.log(
        `${session}: ${Math.round(LINES / seconds)} lines/s, RSS in MB: ${samples.at(-1)?.join(' ')}`,
      )
    }
    expect(upload.answers.at(-1)).toMatchObject({ total: LINES, accepted: LINES, refused: 0 })
    const accepted = upload.answers.slice(0, -1).map(({ id }) => id)
    expect(upload.answers.slice(0, -1).every(({ line }, i) => line === i + 1)).toBe(true)
    expect(await client.zrange(keys.queued(session), 0, '-1')).toEqual(accepted)
    await worker.close()
  }
  const [warmUp = [], measured = []] = samples
  // What grows with the lines would grow again; the heap of Node only settles in the first run.
  expect(Math.max(...measured)).toBeLessThan(Math.max(...warmUp) + 48)
})
