import { keys } from '@wsg/shared/redis/keys.ts'
import { describe, expect } from 'vitest'
import { waitFor } from '../../../support/wait-for.ts'
import type { GatewayUnderTest } from '../gateway-under-test.ts'
import { lineOf, linesUpTo } from './bulk-client.ts'
import { bulkTest as test } from './bulk-test.ts'

describe('Idempotency-Key of a batch', () => {
  const key = { 'idempotency-key': 'campaign-7' }

  test('repeating it doubles nothing, counts nothing twice, and answers under the same batch', async ({
    other,
    bulk,
    batchOf,
    queued,
    records,
  }) => {
    const first = await bulk(linesUpTo(20), key)
    const again = await bulk(linesUpTo(20), key, '', other)
    expect(again.body).toMatchObject({
      batchId: first.body.batchId,
      total: 20,
      accepted: 0,
      replayed: 20,
      refused: 0,
    })
    expect([await records(), (await queued()).length]).toEqual([20, 20])
    expect(await batchOf(first.body.batchId)).toMatchObject({ total: 20, accepted: 20 })
  })

  test('two simultaneous uploads at two gateways make one message a line', async ({
    other,
    bulk,
    batchOf,
    queued,
    records,
  }) => {
    const answers = await Promise.all([bulk(linesUpTo(600), key), bulk(linesUpTo(600), key, '', other)])
    const [a, b] = answers.map(({ body }) => body)
    expect(a.batchId).toBe(b.batchId)
    expect([a.accepted + b.accepted, a.replayed + b.replayed]).toEqual([600, 600])
    expect([await records(), (await queued()).length]).toEqual([600, 600])
    expect(await batchOf(a.batchId)).toMatchObject({ accepted: 600, counts: { queued: 600 } })
  })

  test('a line with another text than before is refused by itself', async ({ bulk }) => {
    await bulk(linesUpTo(3), key)
    const changed = `${lineOf(1)}${lineOf(9)}${lineOf(3)}${lineOf(4)}`
    expect((await bulk(changed, key)).body).toMatchObject({
      accepted: 1,
      replayed: 2,
      refusals: [{ line: 2, code: 'idempotency_key_reused' }],
    })
  })

  test("a line's own key is the one that POST /send knows, and two lines with one are one message", async ({
    gateway,
    bulk,
    queued,
  }) => {
    const own = (number: number) => lineOf(number, { idempotencyKey: 'order-1' })
    const sent = await gateway.send(
      'shop',
      { message: 'text 1' },
      { 'idempotency-key': 'order-1' },
      '?wait=none',
    )
    const upload = await bulk(`${own(1)}${own(1)}${lineOf(2)}`, key)
    expect(upload.body).toMatchObject({ accepted: 1, replayed: 2 })
    expect((await queued())[0]).toBe(sent.body.id)
  })

  test('stands for its lines alone: no key that a caller gives elsewhere is one of theirs', async ({
    gateway,
    bulk,
    queued,
  }) => {
    await bulk(linesUpTo(3), key)
    for (const own of ['campaign-7', 'campaign-7:1', 'campaign-7:2'])
      await gateway.send('shop', { message: `text for ${own}` }, { 'idempotency-key': own }, '?wait=none')
    expect(await queued()).toHaveLength(6)
  })

  test.for([
    ['an empty line put in', `${lineOf(1)}\n${lineOf(2)}${lineOf(3)}`, { replayed: 3, refused: 0 }],
    ['a line left out', `${lineOf(1)}${lineOf(3)}`, { replayed: 2, refused: 0 }],
    ['lines in another order', `${lineOf(3)}${lineOf(1)}${lineOf(2)}`, { replayed: 3, refused: 0 }],
    [
      'other spellings',
      [1, 2, 3].map((n) => lineOf(n, { to: '+55 11 99988-7766', priority: 'normal' })).join(''),
      { replayed: 3, refused: 0 },
    ],
    [
      'another line put in',
      `${lineOf(1)}${lineOf(9)}${lineOf(2)}${lineOf(3)}`,
      { replayed: 3, refusals: [{ line: 2, code: 'idempotency_key_reused', retryable: false }] },
    ],
    [
      'another plan for one of them',
      `${lineOf(1)}${lineOf(2, { priority: 'urgent' })}${lineOf(3)}`,
      { replayed: 2, refusals: [{ line: 2, code: 'idempotency_key_reused' }] },
    ],
  ] as const)(
    'sends nothing twice with %s, and says of each line what differs',
    async ([_name, changed, expected], { gateway, other, bulk, queued, records }) => {
      await bulk(linesUpTo(3), key)
      for (const through of [gateway, other])
        expect((await bulk(changed, key, '', through)).body).toMatchObject({ accepted: 0, ...expected })
      expect([await records(), (await queued()).length]).toEqual([3, 3])
    },
  )

  test('takes what is new behind the end, however the lines before it moved', async ({ bulk }) => {
    await bulk(linesUpTo(3), key)
    const longer = await bulk(`\n\n${linesUpTo(4)}`, key)
    expect(longer.body).toMatchObject({ accepted: 1, replayed: 3, refused: 0 })
    expect((await bulk(linesUpTo(4), key)).body).toMatchObject({ accepted: 0, replayed: 4 })
  })

  test('lines that say the same are as many messages, in whatever upload they come', async ({ bulk }) => {
    const same = (count: number) => lineOf(1).repeat(count)
    expect((await bulk(same(2), key)).body).toMatchObject({ accepted: 2, replayed: 0 })
    expect((await bulk(`\n${same(2)}`, key)).body).toMatchObject({ accepted: 0, replayed: 2 })
    expect((await bulk(same(3), key)).body).toMatchObject({ accepted: 1, replayed: 2 })
  })

  test('the same body after its time has come is still the same', async ({ bulk }) => {
    const sendAt = new Date(Date.now() + 300).toISOString()
    const body = `${lineOf(1, { sendAt })}${lineOf(2)}`
    await bulk(body, key)
    await waitFor('its time', () => Date.now() > Date.parse(sendAt))
    expect((await bulk(body, key)).body).toMatchObject({ accepted: 0, replayed: 2 })
  })

  test('a line that was refused for its fault is taken once it is right', async ({ bulk }) => {
    await bulk(`${lineOf(1)}nonsense\n${lineOf(3)}`, key)
    expect((await bulk(linesUpTo(3), key)).body).toMatchObject({ accepted: 1, replayed: 2, refused: 0 })
  })

  test('a repetition is answered line by line even while the session takes nothing new', async ({
    redis,
    bulk,
  }) => {
    await bulk(linesUpTo(2), key)
    await redis.zrem(keys.desired, 'shop')
    await redis.hset(keys.session('shop'), 'stopped', 'operator')
    expect((await bulk(linesUpTo(3), key)).body).toMatchObject({
      accepted: 0,
      replayed: 2,
      refusals: [{ line: 3, code: 'session_not_ready' }],
    })
  })

  test('is one message though it comes by POST /send to two gateways at once', async ({
    gateway,
    other,
    records,
  }) => {
    const send = (through: GatewayUnderTest) => through.send('shop', {}, key, '?wait=none')
    const answers = await Promise.all([gateway, other, gateway, other, other].map(send))
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1)
    expect(answers.filter(({ headers }) => headers['idempotent-replayed'] === 'true')).toHaveLength(4)
    expect(await records()).toBe(1)
  })
})
