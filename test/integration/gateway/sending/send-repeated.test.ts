import { keys } from '@wsg/shared/redis/keys.ts'
import { describe, expect } from 'vitest'
import { waitFor } from '../../../support/wait-for.ts'
import { ActingWorker } from '../acting-worker.ts'
import { sendTest as test } from './send-test.ts'

describe('Idempotency-Key', () => {
  const key = { 'idempotency-key': 'order-7' }

  test('two simultaneous requests with one key make one record', async ({ gateway, ready, records }) => {
    await ready('shop')
    const answers = await Promise.all([1, 2, 3].map(() => gateway.send('shop', {}, key, '?wait=none')))
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1)
    expect(answers.filter(({ headers }) => headers['idempotent-replayed'] === 'true')).toHaveLength(2)
    expect(await records('shop')).toBe(1)
  })

  test("a repetition answers the record's present state", async ({ redis, gateway, ready }) => {
    const worker = await ready('shop')
    const first = await gateway.send('shop', {}, key, '?wait=none')
    worker.takeSends()
    await waitFor(
      'it to be sent',
      async () => (await redis.hget(keys.message('shop', first.body.id), 'state')) === 'sent',
    )
    // The same request in its full form, while the session is not ready any more.
    await redis.hset(keys.session('shop'), 'stopped', 'operator')
    await redis.zrem(keys.desired, 'shop')
    const again = await gateway.send('shop', { message: { type: 'text', text: 'Hello' } }, key)
    expect(again).toMatchObject({
      status: 200,
      body: { id: first.body.id, status: 'sent' },
      headers: { 'idempotent-replayed': 'true' },
    })
  })

  test.for([
    { to: '+55 11 99988-7766' },
    { to: '5511999887766@c.us' },
    { message: { type: 'text', text: 'Hello', linkPreview: true } },
    { message: { type: 'text', text: 'Hello', mentions: [] } },
    { sendAt: '2020-01-01T00:00:00Z' },
    { priority: 'normal' },
  ])(
    'a request that means the same is a repetition: %j',
    async (same, { redis, gateway, ready, records }) => {
      await ready('shop')
      const first = await gateway.send('shop', {}, key, '?wait=none')
      const again = await gateway.send('shop', same, key, '?wait=none')
      expect([again.body.id, again.headers['idempotent-replayed']]).toEqual([first.body.id, 'true'])
      // Of what is not ready any more only the records are asked.
      await redis.zrem(keys.desired, 'shop')
      expect((await gateway.send('shop', same, key, '?wait=none')).body.id).toBe(first.body.id)
      expect(await records('shop')).toBe(1)
    },
  )

  test('a repetition is answered even while the session is being deleted, and when the queue is full', async ({
    redis,
    gateway,
    ready,
  }) => {
    await ready('shop')
    const first = await gateway.send('shop', {}, key, '?wait=none')
    for (let i = 0; i < 2; i += 1) await gateway.send('shop', {}, {}, '?wait=none')
    expect((await gateway.send('shop')).body.code).toBe('queue_full')
    expect((await gateway.send('shop', {}, key, '?wait=none')).body.id).toBe(first.body.id)
    await redis.hset(keys.session('shop'), 'deleting', '1')
    expect((await gateway.send('shop')).status).toBe(409)
    expect((await gateway.send('shop', {}, key, '?wait=none')).body.id).toBe(first.body.id)
  })

  test('the same key with another body is 422', async ({ gateway, ready }) => {
    await ready('shop')
    await gateway.send('shop', {}, key, '?wait=none')
    expect(await gateway.send('shop', { message: 'Other' }, key)).toMatchObject({
      status: 422,
      body: { code: 'idempotency_key_reused' },
    })
  })

  test('the same key in another session is another message, and a refused request is not remembered', async ({
    server,
    gateway,
    ready,
  }) => {
    await ready('shop')
    const other = await ActingWorker.ready(server.url, 'other')
    await gateway.get('/qr?wait=0', 'new-one')
    expect((await gateway.send('new-one', {}, key)).status).toBe(409)
    const [a, b] = [
      await gateway.send('shop', {}, key, '?wait=none'),
      await gateway.send('other', {}, key, '?wait=none'),
    ]
    expect([a.status, b.status]).toEqual([202, 202])
    expect(a.body.id).not.toBe(b.body.id)
    await other.close()
  })

  test('a key with spaces is refused', async ({ gateway, ready }) => {
    await ready('shop')
    expect((await gateway.send('shop', {}, { 'idempotency-key': 'a b' })).status).toBe(400)
  })
})
