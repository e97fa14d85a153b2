import { execFile } from 'node:child_process'
import { createServer } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { judgeDisk } from '../../../doctor/machine-checks.ts'
import { type RedisServer, startRedis } from '../../support/redis.ts'

const ROOT = join(import.meta.dirname, '../../..')

interface Finding {
  name: string
  state: string
  found: string
  cause?: string
  cure?: string
}

let redis: RedisServer
const whatsapp = createServer((_request, response) => response.end())

beforeAll(async () => {
  redis = await startRedis()
  await new Promise<void>((resolve) => whatsapp.listen(0, '127.0.0.1', resolve))
})
afterAll(async () => {
  whatsapp.close()
  await redis.stop()
})

/** What the doctor says, where these variables differ from a machine on which all is well. */
async function ask(args: string[], environment: Record<string, string> = {}) {
  const env = { ...process.env, REDIS_URL: redis.url, MAX_SESSIONS: '1', ...environment }
  return await new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, ['wsg.ts', 'doctor', ...args], { cwd: ROOT, env }, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    )
  })
}

/** What it found. */
async function found(environment: Record<string, string> = {}, address?: string) {
  const url = address ?? `http://127.0.0.1:${(whatsapp.address() as AddressInfo).port}/`
  const { code, stdout } = await ask(['--json', '--whatsapp', url], environment)
  const report = JSON.parse(stdout) as { ok: boolean; checks: Finding[] }
  expect(code).toBe(report.ok ? 0 : 1)
  return new Map(report.checks.map((finding) => [finding.name, finding]))
}

async function config(name: string, value: string): Promise<void> {
  const connection = new Redis(redis.url)
  await connection.config('SET', name, value)
  connection.disconnect()
}

test('all is well where it is', async () => {
  await config('appendonly', 'yes')
  const wrong = [...(await found()).values()].filter(({ state }) => state === 'failed')
  expect(wrong).toEqual([])
})

test('each thing that is wrong has a cause and a cure', async () => {
  await config('appendonly', 'no')
  await config('maxmemory-policy', 'allkeys-lru')
  const report = await found({
    PUPPETEER_EXECUTABLE_PATH: '/nowhere/chromium',
    DATA_DIR: '/proc/nothing/can/be/made/here',
    MAX_SESSIONS: '1000',
    CONVERTER_URL: 'http://127.0.0.1:9',
  })
  const said = (name: string) => {
    const { state, found: what, cause, cure } = report.get(name) as Finding
    expect([name, cause, cure]).toEqual([name, expect.stringMatching(/\.$/), expect.stringMatching(/\.$/)])
    return `${state}: ${what}`
  }
  expect(said('redis persistence')).toBe('failed: Redis keeps no append-only file')
  expect(said('redis memory')).toBe('failed: maxmemory-policy is allkeys-lru')
  expect(said('chromium')).toBe('failed: no Chromium can be run')
  expect(said('conversion')).toBe('failed: the converter at http://127.0.0.1:9 cannot be reached')
  expect(said('data folder')).toBe('failed: nothing can be written to /proc')
  expect(report.get('locks')).toEqual({
    ...{ name: 'locks', state: 'unknown' },
    found: 'not looked at, since nothing can be written there',
  })
  expect(said('memory')).toMatch(/^(warning|failed): .* and 1000 sessions take up to 512000 MB$/)
  await config('maxmemory-policy', 'noeviction')
})

test('what cannot be reached is said to be that, once', async () => {
  const report = await found({ REDIS_URL: 'redis://127.0.0.1:9' }, 'http://127.0.0.1:1/')
  expect(report.get('redis')).toMatchObject({
    state: 'failed',
    found: 'Redis does not answer at 127.0.0.1:9',
    cause: 'Nothing listens there: connect ECONNREFUSED 127.0.0.1:9.',
    cure: expect.stringContaining('Start Redis'),
  })
  expect(report.get('clock')?.state).toBe('unknown')
  expect(report.get('whatsapp')).toMatchObject({
    state: 'failed',
    found: 'WhatsApp Web cannot be reached at http://127.0.0.1:1/',
  })
})

test('a Redis that refuses the password is not taken for one that is away', async () => {
  await config('requirepass', 'right')
  const secret = new URL(redis.url)
  secret.password = 'wrong'
  const report = await found({ REDIS_URL: secret.href })
  secret.password = 'right'
  const connection = new Redis(secret.href)
  await connection.config('SET', 'requirepass', '')
  connection.disconnect()
  expect(report.get('redis')).toMatchObject({
    state: 'failed',
    cause: expect.stringMatching(/^It refuses the user or password: WRONGPASS/),
    cure: expect.stringContaining('REDIS_PASSWORD'),
  })
})

test('variables that nothing starts with are told as everything else, and an option that there is not is refused', async () => {
  const report = await found({ MAX_SESSIONS: 'many' })
  expect([...report.values()]).toMatchObject([
    { name: 'configuration', state: 'failed', cause: expect.stringMatching(/^MAX_SESSIONS: .*\.$/) },
  ])
  const refused = await ask(['--nonsense'])
  expect([refused.code, refused.stdout]).toEqual([2, ''])
  expect(refused.stderr).toMatch(/^Unknown option '--nonsense'.*Usage:/s)
})

test('a clock that is off is told, of Redis and of this machine, and a sandbox that is off', async () => {
  const wrong = createServer((_request, response) => {
    response.setHeader('date', new Date(Date.now() - 3_600_000).toUTCString()).end()
  })
  await new Promise<void>((resolve) => wrong.listen(0, '127.0.0.1', resolve))
  const late = await lateRedis('redis_version:7.0.0\r\nloading:0\r\n')
  const report = await found(
    { REDIS_URL: late.url, CHROMIUM_SANDBOX: 'off' },
    `http://127.0.0.1:${(wrong.address() as AddressInfo).port}/`,
  )
  expect(report.get('machine clock')).toMatchObject({
    state: 'warning',
    found: expect.stringMatching(/^this machine's clock is 3[56]\d\d s ahead of WhatsApp's$/),
    cure: expect.stringContaining('NTP'),
  })
  expect(report.get('clock')).toMatchObject({
    state: 'warning',
    found: expect.stringMatching(/^Redis' clock is 6\d s behind this machine's$/),
    cure: expect.stringContaining('NTP'),
  })
  expect(report.get('chromium sandbox')).toMatchObject({
    state: 'warning',
    cause: expect.stringContaining('CHROMIUM_SANDBOX'),
    cure: expect.any(String),
  })
  wrong.close()
  late.close()
})

test('a Redis that loads its file is not taken for one that is away', async () => {
  const loading = await lateRedis('redis_version:7.0.0\r\nloading:1\r\nloading_loaded_perc:41.97\r\n')
  const report = await found({ REDIS_URL: loading.url })
  expect(report.get('redis')).toMatchObject({
    state: 'failed',
    found: expect.stringMatching(/ loads its file: 41 % so far$/),
    cure: expect.stringContaining('Wait'),
  })
  loading.close()
})

/** A Redis whose clock is a minute behind. */
async function lateRedis(info: string): Promise<{ url: string; close(): void }> {
  const server = createTcpServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', (asked) => void socket.write(answersOfLateRedis(asked, info)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { url: `redis://127.0.0.1:${port}`, close: () => void server.close() }
}

/** What it says, one answer for each command. */
function answersOfLateRedis(asked: Buffer, info: string): string {
  const commands = asked
    .toString()
    .split(/\*\d+\r\n/)
    .filter(Boolean)
  const seconds = String(Math.floor(Date.now() / 1_000) - 60)
  const answers = commands.map((command) => {
    if (/\ninfo\r/i.test(command)) return `$${info.length}\r\n${info}\r\n`
    if (/\ntime\r/i.test(command)) return `*2\r\n$${seconds.length}\r\n${seconds}\r\n$1\r\n0\r\n`
    return '+OK\r\n'
  })
  return answers.join('')
}

test('a disk that is nearly full is told', () => {
  expect(judgeDisk('/data', 5_000)).toMatchObject({ state: 'ok' })
  expect(judgeDisk('/data', 200)).toMatchObject({
    state: 'warning',
    found: '200 MB are free on the disk of /data',
    cause: expect.any(String),
    cure: expect.stringContaining('Make room'),
  })
})
