import { Writable } from 'node:stream'
import { readGatewayConfig } from '@wsg/gateway/src/config.ts'
import { createGateway } from '@wsg/gateway/src/gateway.ts'
import { createLogger } from '@wsg/shared/logger.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RedisServer, startRedis } from '../../../support/redis.ts'
import { ActingWorker } from '../acting-worker.ts'

const TOKEN = 'token-of-the-tests'

let redis: RedisServer

beforeAll(async () => {
  redis = await startRedis()
})
afterAll(async () => {
  await redis.stop()
})

test('what is refused without a token is summed up, however much it is; callers have a line for each request, and the id of its message', async () => {
  let log = ''
  const destination = new Writable({
    write: (chunk, _encoding, done) => {
      log += chunk
      done()
    },
  })
  const config = readGatewayConfig({ API_TOKEN: TOKEN, REDIS_URL: redis.url })
  const gateway = await createGateway(config, createLogger('gateway', 'info', destination))
  const ask = (url: string, authorization: string) =>
    gateway.app.inject({ url, headers: { authorization, 'x-session-id': 'shop' } })
  for (let n = 0; n < 50; n += 1) {
    await ask('/status', `Bearer wrong-token-${n}`)
    await ask(`/address-${n}`, '')
  }
  await ask('/status', `Bearer ${TOKEN}`)
  const worker = await ActingWorker.ready(redis.url, 'shop')
  const sent = await gateway.app.inject({
    method: 'POST',
    url: '/send?wait=none',
    headers: { authorization: `Bearer ${TOKEN}`, 'x-session-id': 'shop', 'x-request-id': 'mine' },
    payload: { to: '5511999887766', message: 'the text itself' },
  })
  await worker.close()
  await gateway.close()
  const lines = log
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(lines.filter(({ msg }) => msg === 'request')).toMatchObject([
    { method: 'GET', route: '/status', status: 200, sessionId: 'shop', caller: 'API_TOKEN' },
    { route: '/send', status: 202, sessionId: 'shop', messageId: sent.json().id, requestId: 'mine' },
  ])
  expect(lines.filter(({ msg }) => msg === 'requests refused, by status')).toMatchObject([
    { level: 30, refused: { 401: 50, 404: 50 } },
  ])
  expect(log).not.toMatch(/wrong-token|address-|token-of-the-tests|5511999887766|the text itself/)
})
