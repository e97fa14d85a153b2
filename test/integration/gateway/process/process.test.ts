import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { request } from 'node:http'
import { join } from 'node:path'
import { keys } from '@wsg/shared/redis/keys.ts'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { overload } from '../../../support/overload.ts'
import { type RedisServer, startRedis } from '../../../support/redis.ts'
import { stopwatch } from '../../../support/stopwatch.ts'
import { waitFor } from '../../../support/wait-for.ts'
import { ActingWorker } from '../acting-worker.ts'

const MAIN = join(import.meta.dirname, '../../../../gateway/src/main.ts')

let redis: RedisServer
let client: Redis
let child: ChildProcess | null = null
let output = ''

beforeAll(async () => {
  redis = await startRedis()
  client = new Redis(redis.url)
  client.on('error', () => {})
})

afterEach(async () => {
  redis.resume()
  if (child !== null && child.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  child = null
  await client.flushall()
})

afterAll(async () => {
  client.disconnect()
  await redis.stop()
})

const environment = (env: Record<string, string>) => ({
  PATH: process.env.PATH,
  NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
  HOME: process.env.HOME,
  ...env,
})
const listen = (stream: NodeJS.ReadableStream | null) =>
  stream?.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })

/** As the one-machine start does it. @returns the address at which it listens */
async function forkGateway(env: Record<string, string> = {}): Promise<string> {
  output = ''
  child = fork(MAIN, {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    execArgv: [],
    env: environment({ API_TOKEN: 'secret-of-the-test', REDIS_URL: redis.url, PORT: '0', ...env }),
  })
  listen(child.stdout)
  listen(child.stderr)
  const [message] = (await once(child, 'message')) as [{ type: string; port: number }]
  expect(message.type).toBe('listening')
  const address = `http://127.0.0.1:${message.port}`
  await waitFor('it to be ready', async () => (await fetch(`${address}/readyz`)).ok)
  return address
}

const ask = (address: string, path: string, init: RequestInit = {}) =>
  fetch(address + path, {
    ...init,
    headers: {
      authorization: 'Bearer secret-of-the-test',
      'x-session-id': 'shop',
      'content-type': 'application/json',
    },
  })
const exitOf = async (process: ChildProcess) => {
  if (process.exitCode === null && process.signalCode === null) await once(process, 'exit')
  return process.exitCode
}

test('refuses to start without a token, and names every fault of its configuration at once', async () => {
  output = ''
  child = spawn(process.execPath, [MAIN], { env: environment({ REDIS_URL: 'nowhere', PORT: 'high' }) })
  listen(child.stderr)
  expect(await exitOf(child)).toBe(1)
  for (const name of ['API_TOKEN', 'REDIS_URL', 'PORT']) expect(output).toContain(`  ${name}: `)
  expect(output).not.toContain('nowhere')
})

const SEND = { method: 'POST', body: JSON.stringify({ to: '5511999887766', message: 'Hello' }) }
const signal = (gateway: ChildProcess) => void gateway.kill('SIGTERM')
/** The process that forked it is gone. */
const orphan = (gateway: ChildProcess) => gateway.disconnect()

test('serves from the first moment on that it says that it listens', async () => {
  child = fork(MAIN, {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    execArgv: [],
    env: environment({ API_TOKEN: 'secret-of-the-test', REDIS_URL: redis.url, PORT: '0' }),
  })
  const [{ port }] = (await once(child, 'message')) as [{ port: number }]
  expect((await ask(`http://127.0.0.1:${port}`, '/status')).status).toBe(200)
})

test.each([
  ['a signal', signal],
  ['the end of the process that forked it', orphan],
])('%s: answers what waits with 202, takes nothing new, and exits 0 within a second', async (_name, end) => {
  const worker = await ActingWorker.ready(redis.url, 'shop')
  const address = await forkGateway()
  const pending = ask(address, '/send', SEND)
  await waitFor('the record', () => client.zcard(keys.queued('shop')))
  const gateway = child as ChildProcess
  const tookMs = stopwatch()
  end(gateway)
  expect((await pending).status).toBe(202)
  expect(await exitOf(gateway)).toBe(0)
  expect(tookMs()).toBeLessThan(1_000 * overload())
  await expect(fetch(`${address}/livez`)).rejects.toThrow()
  await worker.close()
})

describe.each([
  ['hangs', () => redis.pause(), () => redis.resume()],
  ['is gone', () => redis.kill(), () => redis.restart()],
])('while Redis %s', (_name, away, back) => {
  test.each([
    ['a signal', signal],
    ['the end of the process that forked it', orphan],
  ])('%s: it is gone within three seconds, whatever still waits', async (_name, end) => {
    const worker = await ActingWorker.ready(redis.url, 'shop')
    const address = await forkGateway()
    const waiting = ask(address, '/send', SEND).then(({ status }) => status)
    await waitFor('the record', () => client.zcard(keys.queued('shop')))
    const asked = ask(address, '/screenshot').catch(() => null)
    const upload = request(`${address}/send`, {
      method: 'POST',
      headers: { authorization: 'Bearer secret-of-the-test', 'content-length': 1_000 },
    })
    upload.on('error', () => {})
    upload.write('{')
    await waitFor('the job for the picture', () => client.zcard(keys.jobs('shop')))
    await away()
    const gateway = child as ChildProcess
    const tookMs = stopwatch()
    end(gateway)
    expect(await waiting).toBe(202)
    expect(await exitOf(gateway)).toBe(0)
    expect(tookMs()).toBeLessThan(3_000 * overload())
    await asked
    await back()
    await worker.close()
  })
})

test('holds at most six connections to Redis, whatever the number of sessions', async () => {
  const address = await forkGateway({ MAX_UNPAIRED: '1000', LOG_LEVEL: 'warn' })
  const connected = async () => Number(/connected_clients:(\d+)/.exec(await client.info('clients'))?.[1])
  await Promise.all(
    Array.from({ length: 200 }, (_, i) =>
      fetch(`${address}/qr?wait=0`, {
        headers: { authorization: 'Bearer secret-of-the-test', 'x-session-id': `s-${i}` },
      }),
    ),
  )
  // One of them is the test's own.
  expect(await connected()).toBeLessThanOrEqual(1 + 6)
  expect(output).not.toContain('MaxListenersExceededWarning')
})

test('never logs a token, a text, a number or a query', async () => {
  const worker = await ActingWorker.ready(redis.url, 'shop')
  const address = await forkGateway({ LOG_LEVEL: 'trace' })
  await ask(address, '/send?wait=none', {
    method: 'POST',
    body: JSON.stringify({ to: '+55 11 99988-7766', message: 'the secret text' }),
  })
  await ask(address, '/send?wait=secretquery', {
    method: 'POST',
    body: '{"to":"5511999887766","message":"the secret text"',
  })
  await ask(address, '/pairing-code?x=5511999887766', {
    method: 'POST',
    body: '{"phoneNumber":"5511999887766"}',
  })
  await ask(address, '/unknown/5511999887766?secretquery')
  await waitFor('the log', () => output.split('"msg":"request"').length >= 5)
  for (const secret of ['secret-of-the-test', 'secret text', '99988', 'secretquery'])
    expect(output).not.toContain(secret)
  await worker.close()
})
