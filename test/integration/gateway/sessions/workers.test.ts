import { keys } from '@wsg/shared/redis/keys.ts'
import { reportMemory, reportWorker } from '@wsg/shared/redis/worker/workers.ts'
import { expect } from 'vitest'
import { gatewayTest as test } from '../gateway-test.ts'

const ours = { host: 'host-1', version: '1.2.3', startedAt: Date.parse('2026-11-30T08:00:00Z') }
const said = { ...ours, memoryLimitMb: 512 }

test('GET /workers says of each living worker where it is, which session it runs, and what memory it takes', async ({
  gateway,
  ready,
  redis,
}) => {
  const owner = await ready('shop')
  await owner.publish('ready', 'connected', {
    library: 'whatsapp-web.js 1',
    page: '2.3000.1',
    pageMissing: '',
  })
  const tell = (workerId: string, sessionId: string | null) =>
    reportWorker(redis, { workerId, ttlMs: 60_000, details: { ...said, sessionId } })
  await tell('w2', null)
  await tell('w1', 'shop')
  await reportMemory(redis, 'w1', 201.5)
  // One of an older version, and one whose word has run out.
  await redis.zadd(keys.workers, Date.now() + 60_000, 'w0', Date.now() - 1, 'dead')

  const startedAt = '2026-11-30T08:00:00.000Z'
  const first = await gateway.get('/workers?limit=2')
  expect(first.body.items).toEqual([
    { id: 'w0', session: null, memoryMb: null, memoryLimitMb: null },
    {
      ...{ ...said, id: 'w1', startedAt, memoryMb: 201.5 },
      session: { id: 'shop', status: 'ready', library: 'whatsapp-web.js 1', page: '2.3000.1' },
    },
  ])
  const next = await gateway.get(`/workers?limit=2&cursor=${first.body.nextCursor}`)
  expect(next.body).toEqual({
    items: [{ ...said, id: 'w2', startedAt, session: null, memoryMb: null }],
    nextCursor: null,
  })
})

test('GET /workers is for operators of all sessions', async ({ gateway }) => {
  for (const body of [
    { name: 'x', role: 'sender' },
    { name: 'x', role: 'operator', sessions: ['shop'] },
  ]) {
    const { token } = (await gateway.ask('POST', '/tokens', { body })).body
    expect((await gateway.ask('GET', '/workers', { token })).body.code).toBe('forbidden')
  }
})
