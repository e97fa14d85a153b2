import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { keys } from '@wsg/shared/redis/keys.ts'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type RedisServer, startRedis } from '../../support/redis.ts'
import { waitFor } from '../../support/wait-for.ts'
import { ActingWorker } from './acting-worker.ts'

const MAIN = join(import.meta.dirname, '../../../gateway/src/main.ts')

let redis: RedisServer
let client: Redis
let child: ChildProcess | null = null
let output = ''

beforeAll(async () => {
  redis = await startRedis()
  client = new Redis(redis.url)
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

test('a shutdown answers what waits with 202, takes nothing new, and exits 0', async () => {
  const worker = await ActingWorker.ready(redis.url, 'shop')
  const address = await forkGateway()
  const pending = ask(address, '/send', {
    method: 'POST',
    body: JSON.stringify({ to: '5511999887766', message: 'Hello' }),
  })
  await waitFor('the record', () => client.zcard(keys.queued('shop')))
  const stopped = child as ChildProcess
  stopped.kill('SIGTERM')
  const answer = await pending
  expect(answer.status).toBe(202)
  expect(await exitOf(stopped)).toBe(0)
  await expect(fetch(`${address}/livez`)).rejects.toThrow()
  await worker.close()
})

test('ends with the process that forked it', async () => {
  await forkGateway()
  const forked = child as ChildProcess
  forked.disconnect()
  expect(await exitOf(forked)).toBe(0)
})

test('exits 0 on a signal though Redis is away', async () => {
  await forkGateway()
  const forked = child as ChildProcess
  redis.pause()
  forked.kill('SIGTERM')
  expect(await exitOf(forked)).toBe(0)
  redis.resume()
})

test('holds at most six connections to Redis, whatever the number of sessions', async () => {
  const address = await forkGateway({ MAX_UNPAIRED: '1000', LOG_LEVEL: 'warn' })
  const before = Number(/connected_clients:(\d+)/.exec(await client.info('clients'))?.[1])
  await Promise.all(
    Array.from({ length: 200 }, (_, i) =>
      fetch(`${address}/qr?wait=0`, {
        headers: { authorization: 'Bearer secret-of-the-test', 'x-session-id': `s-${i}` },
      }),
    ),
  )
  expect(Number(/connected_clients:(\d+)/.exec(await client.info('clients'))?.[1])).toBe(before)
  // One of them is the test's own.
  expect(before - 1).toBeLessThanOrEqual(6)
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
