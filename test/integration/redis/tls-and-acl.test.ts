import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectForCommands } from '@wsg/shared/redis/connection/connect.ts'
import { commandsOf } from '@wsg/shared/redis/connection/redis-commands.ts'
import { Redis } from 'ioredis'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Certificates, makeCertificates } from '../../support/certificates.ts'
import { type RedisServer, startRedis } from '../../support/redis.ts'
import { startSentinel } from '../../support/redis-sentinel.ts'
import { reservePort } from '../../support/reserve-port.ts'
import { waitFor } from '../../support/wait-for.ts'
import { FleetUnderTest } from './fleet-under-test.ts'

const DECISION = join(import.meta.dirname, '../../../docs/adr/0008-redis-with-sentinel.md')
const PASSWORD = 'p@ss/word:1'

let folder: string
let certificates: Certificates
let server: RedisServer
let admin: Redis
let environment: Record<string, string>
/** What a test opened on this Redis, the last one first to be closed. */
const opened: (() => Promise<void>)[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'redis-tls-'))
  certificates = await makeCertificates()
  const fileWith = async (name: keyof Certificates) => {
    await writeFile(join(folder, name), certificates[name])
    return join(folder, name)
  }
  const tlsPort = await reservePort()
  const files = { ca: await fileWith('ca'), cert: await fileWith('cert'), key: await fileWith('key') }
  server = await startRedis([
    ...['--tls-port', String(tlsPort), '--tls-auth-clients', 'yes'],
    ...['--tls-ca-cert-file', files.ca, '--tls-cert-file', files.cert, '--tls-key-file', files.key],
  ])
  admin = new Redis(server.url)
  admin.on('error', () => {})
  const line = /^ *user (wsg .*)$/m.exec(await readFile(DECISION, 'utf8'))?.[1]
  if (line === undefined) throw new Error('the decision names no user')
  await admin.call('ACL', 'SETUSER', ...line.replace('>PASSWORD', `>${PASSWORD}`).split(' '))
  environment = {
    REDIS_URL: `rediss://127.0.0.1:${tlsPort}`,
    REDIS_USERNAME: 'wsg',
    REDIS_PASSWORD: PASSWORD,
    REDIS_TLS_CA_FILE: files.ca,
    REDIS_TLS_CERT_FILE: files.cert,
    REDIS_TLS_KEY_FILE: files.key,
  }
})

afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close()
  admin.disconnect()
  await server.stop()
  await rm(folder, { recursive: true, force: true })
})

test('everything works over TLS as the user that the documentation names, who is refused nothing', async () => {
  const fleet = await FleetUnderTest.start(environment, ['shop', 'office'])
  opened.push(() => fleet.stop())
  const { gateway } = fleet
  expect((await gateway.send('shop')).status).toBe(200)
  expect((await gateway.send('shop', {}, { 'idempotency-key': 'a' })).status).toBe(200)
  for (const url of ['/health', '/sessions', '/readyz', '/metrics'])
    expect([url, (await gateway.get(url)).status]).toEqual([url, 200])
  // Where a busy machine keeps an answer back, callers are told to ask again.
  for (const action of ['stop', 'start', 'restart'])
    await waitFor(action, async () => (await gateway.post(`/session/${action}`, 'office')).status === 200)
  await fleet.untilState('office', 'ready')
  expect((await gateway.ask('DELETE', '/session', { session: 'office' })).status).toBeLessThan(300)
  await waitFor('office to be removed', async () => (await admin.keys('wsg:{office}:*')).length === 0)
  expect((await gateway.get('/qr?wait=0', 'new-one')).status).toBe(200)
  await fleet.untilState('new-one', 'waiting_qr')
  const clients = String(await admin.client('LIST')).split('\n')
  const ours = clients.filter((line) => /name=(gateway|worker)/.test(line))
  expect(ours.length).toBeGreaterThan(4)
  expect(ours.filter((line) => !line.includes(' user=wsg '))).toEqual([])
  expect(await admin.call('ACL', 'LOG')).toEqual([])
})

test('that user reaches no key but ours, and may do nothing to the server', async () => {
  const redis = new Redis(server.url, { username: 'wsg', password: PASSWORD, enableReadyCheck: false })
  await redis.set('wsg:key', 'x')
  for (const command of [
    ['SET', 'other:key', 'x'],
    ['GET', 'other:key'],
    ['EVAL', "return redis.call('GET', 'other:key')", '0'],
    ['PUBLISH', 'other', 'x'],
    ['FLUSHALL'],
    ['KEYS', '*'],
    ['CONFIG', 'GET', '*'],
    ['CLIENT', 'KILL', 'TYPE', 'normal'],
    ['REPLICAOF', 'NO', 'ONE'],
    ['SHUTDOWN'],
    ['ACL', 'LIST'],
    ['FUNCTION', 'FLUSH'],
  ] as const) {
    const [name, ...args] = command
    await expect(redis.call(name, ...args), command.join(' ')).rejects.toThrow(/NOPERM|can't access/)
  }
  redis.disconnect()
})

test('a Redis whose certificate is not to be trusted is not spoken to', async () => {
  const { ca } = await makeCertificates()
  const tls = { ca, cert: certificates.cert, key: certificates.key }
  const errors: string[] = []
  const redis = commandsOf(
    connectForCommands(
      { at: { host: '127.0.0.1', port: Number(new URL(environment.REDIS_URL ?? '').port) }, db: 0, tls },
      'test',
    ),
  )
  redis.on('error', (error) => errors.push(error.message))
  await waitFor('a refusal', () => errors.length > 0)
  expect(redis.status).not.toBe('ready')
  redis.disconnect()
})

test('the primary is found by Sentinels over TLS', async () => {
  const { port } = new URL(environment.REDIS_URL ?? '')
  const tlsPort = await reservePort()
  const sentinel = await startSentinel(Number(port), 1_000, [
    ...['port 0', `tls-port ${tlsPort}`, 'tls-replication yes', 'tls-auth-clients yes'],
    `tls-ca-cert-file ${environment.REDIS_TLS_CA_FILE}`,
    `tls-cert-file ${environment.REDIS_TLS_CERT_FILE}`,
    `tls-key-file ${environment.REDIS_TLS_KEY_FILE}`,
  ])
  opened.push(() => sentinel.stop())
  const fleet = await FleetUnderTest.start(
    { ...environment, REDIS_URL: 'rediss://sentinels', REDIS_SENTINELS: `127.0.0.1:${tlsPort}` },
    ['shop'],
  )
  opened.push(() => fleet.stop())
  expect((await fleet.gateway.send('shop')).status).toBe(200)
})

test('a wrong password is said once in the log, and callers hear 503', async () => {
  const { readGatewayConfig } = await import('@wsg/gateway/src/config.ts')
  const { createGateway } = await import('@wsg/gateway/src/gateway.ts')
  const { createLogger } = await import('@wsg/shared/logger.ts')
  const config = readGatewayConfig({
    ...environment,
    REDIS_PASSWORD: 'wrong',
    API_TOKEN: 'token-of-the-tests',
    LOG_LEVEL: 'silent',
  })
  const log = createLogger('gateway', 'silent')
  const warn = vi.spyOn(log, 'warn')
  const gateway = await createGateway(config, log)
  opened.push(() => gateway.close())
  const headers = { authorization: 'Bearer token-of-the-tests', 'x-session-id': 'shop' }
  expect((await gateway.app.inject({ url: '/qr', headers })).statusCode).toBe(503)
  const refusals = () =>
    warn.mock.calls.filter(([fields]) => String((fields as { err: Error }).err).includes('WRONGPASS'))
  await waitFor('it to be said', () => refusals().length > 0)
  expect(refusals()).toHaveLength(1)
})
