import { keys } from '@wsg/shared/redis/keys.ts'
import { describe, expect, vi } from 'vitest'
import { overload } from '../../../support/overload.ts'
import { stopwatch } from '../../../support/stopwatch.ts'
import { waitFor } from '../../../support/wait-for.ts'
import { gatewayTest } from '../gateway-test.ts'

const test = gatewayTest
  .extend('twoRun', { scope: 'file', auto: true }, ({ gateway, other }) => [gateway, other])
  .extend(
    'stateOf',
    ({ redis }) =>
      (id: string) =>
        redis.hget(keys.message('shop', id), 'state'),
  )
  /** Makes records that exist due, or over, as if time had passed: all at once, since gateways look all the time. */
  .extend('shift', ({ redis }) => async (...due: [id: string, sendAt: number][]) => {
    await redis
      .multi()
      .zadd(keys.scheduledOf('shop'), ...due.flatMap(([id, sendAt]) => [sendAt, id]))
      .zadd(keys.scheduled, ...due.flatMap(([id, sendAt]) => [sendAt, `shop/${id}`]))
      .exec()
  })

/** Late enough for a busy machine to ask before it. */
const SOON_MS = 2_500
const inMs = (ms: number) => new Date(Date.now() + ms).toISOString()

describe('a scheduled message', () => {
  test('is answered at once, is not sent before it is due, and tells when that is', async ({
    gateway,
    ready,
    queued,
  }) => {
    const worker = await ready('shop')
    const taken = worker.takeSends()
    const sendAt = inMs(3_600_000)
    const tookMs = stopwatch()
    const answer = await gateway.send('shop', { sendAt, reference: 'r', priority: 'urgent' })
    expect(tookMs()).toBeLessThan(2_000 * overload())
    expect(answer).toMatchObject({
      status: 202,
      headers: { location: `/messages/${answer.body.id}` },
      body: { status: 'queued', sendAt, priority: 'urgent', reference: 'r', expiresAt: expect.any(String) },
    })
    expect((await gateway.get(`/messages/${answer.body.id}`, 'shop')).body).toMatchObject({
      status: 'queued',
      sendAt,
      priority: 'urgent',
      reference: 'r',
      expiresAt: new Date(Date.parse(sendAt) + 24 * 3_600_000).toISOString(),
    })
    expect([await queued(), taken]).toEqual([[], []])
  })

  test('is promoted once by whichever gateway, in the order of the due times, and sent', async ({
    redis,
    gateway,
    ready,
    shift,
  }) => {
    const worker = await ready('shop')
    const offsets = [900, 300, 600, 300]
    const ids: string[] = []
    for (const ms of offsets) ids.push((await gateway.send('shop', { sendAt: inMs(600_000 + ms) })).body.id)
    const now = Date.now()
    // The second and the fourth are for one instant: the order of acceptance decides.
    await shift(
      ...ids.map((id, i) => [id, now - 10_000 + (offsets[i] as number) + i / 4_096] as [string, number]),
    )
    const taken = worker.takeSends()
    await waitFor('all of them', () => taken.length === 4)
    expect(taken).toEqual([ids[1], ids[3], ids[2], ids[0]])
    expect(await redis.zcard(keys.scheduled)).toBe(0)
  })

  test('that becomes due while nobody runs its session loads it', async ({
    redis,
    gateway,
    ready,
    queued,
    shift,
  }) => {
    const worker = await ready('shop')
    const { id } = (await gateway.send('shop', { sendAt: inMs(600_000) })).body
    await worker.publish('stopped', 'idle', { stopped: 'idle' }, { wish: 'drop', release: true })
    await shift([id, Date.now() - 1])
    await waitFor('the job', async () => (await queued()).length === 1)
    await waitFor('the wish', () => redis.zscore(keys.desired, 'shop'))
  })

  test('a backlog of thousands is worked off in rounds, in order', async ({
    redis,
    gateway,
    ready,
    queued,
  }) => {
    await ready('shop')
    const sendAt = inMs(600_000)
    const line = JSON.stringify({ to: '5511999887766', message: 'Hello' })
    const body = `${line}\n`.repeat(3_000)
    const headers = { 'content-type': 'application/x-ndjson' }
    const query = `?sendAt=${encodeURIComponent(sendAt)}`
    expect((await gateway.post(`/send/bulk${query}`, 'shop', body, headers)).body.accepted).toBe(3_000)
    const scheduled = await redis.zrange(keys.scheduledOf('shop'), 0, '-1', 'WITHSCORES')
    const due = Date.now() - 60_000
    const shifted = scheduled.flatMap((id, i) => (i % 2 === 0 ? [due + i / 8_192, id] : []))
    await redis
      .multi()
      .zadd(keys.scheduledOf('shop'), ...shifted)
      .zadd(keys.scheduled, ...shifted.map((one, i) => (i % 2 === 0 ? one : `shop/${one}`)))
      .exec()
    await waitFor('all of them', async () => (await queued()).length === 3_000, { timeoutMs: 40_000 })
    const lines = await Promise.all(
      (await queued()).map((id) => redis.hget(keys.message('shop', id), 'line')),
    )
    expect(lines.map(Number)).toEqual(Array.from({ length: 3_000 }, (_, i) => i + 1))
  })
})

describe('what is asked of times', () => {
  test.for([
    [{ sendAt: 'tomorrow' }, 'sendAt: must be an ISO time with its zone, such as 2026-05-01T09:00:00Z'],
    [{ sendAt: '2999-01-01T00:00:00Z' }, 'sendAt: must be at most a year ahead'],
    [{ expiresAt: '2020-01-01T00:00:00Z' }, 'expiresAt: must be later than now'],
    [{ sendAt: inMs(7_200_000), expiresAt: inMs(3_600_000) }, 'expiresAt: must be later than sendAt'],
  ] as const)('%j is refused', async ([body, sentence], { gateway, ready }) => {
    await ready('shop')
    const answer = await gateway.send('shop', body)
    expect([answer.status, answer.body.error]).toEqual([400, `Invalid request: ${sentence}.`])
  })

  test('a repetition is answered from its record though its time is over', async ({
    gateway,
    other,
    ready,
  }) => {
    await ready('shop')
    const body = { expiresAt: inMs(SOON_MS) }
    const key = { 'idempotency-key': 'soon' }
    const first = await gateway.send('shop', body, key, '?wait=none')
    await waitFor('its time', () => Date.now() > Date.parse(body.expiresAt))
    const again = await other.send('shop', body, key)
    expect(again.headers['idempotent-replayed']).toBe('true')
    expect([202, 410]).toContain(again.status)
    expect(again.body.id).toBe(first.body.id)
  })
})

test('a gateway whose clock is a minute ahead calls no message expired before its time', async ({
  gateway,
  ready,
}) => {
  await ready('shop')
  const { id } = (await gateway.send('shop', { expiresAt: inMs(30_000) }, {}, '?wait=none')).body
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 })
  try {
    expect((await gateway.get(`/messages/${id}`, 'shop')).body.status).toBe('queued')
  } finally {
    vi.useRealTimers()
  }
})

test('a message whose time is over expires without a worker, and whoever waits hears of it', async ({
  redis,
  gateway,
  ready,
  stateOf,
}) => {
  await ready('shop')
  const answer = await gateway.send('shop', { expiresAt: inMs(SOON_MS) })
  expect(answer).toMatchObject({ status: 410, body: { code: 'message_expired', messageStatus: 'expired' } })
  expect(await redis.zcard(keys.waiting)).toBe(0)
  expect(await stateOf(answer.body.id)).toBe('expired')
})

test('the owner of a session is woken by what comes to its send queue, and told whether it is urgent', async ({
  redis,
  gateway,
  other,
  ready,
  shift,
}) => {
  await ready('shop')
  const subscriber = redis.duplicate()
  const heard: string[] = []
  subscriber.on('message', (_channel: string, what: string) => heard.push(what))
  await subscriber.subscribe(keys.notifications('shop'))
  await gateway.send('shop', {}, {}, '?wait=none')
  await other.send('shop', { priority: 'urgent' }, {}, '?wait=none')
  await gateway.send('shop', { sendAt: inMs(60_000) }, {}, '?wait=none')
  const { id } = (await other.send('shop', { sendAt: inMs(60_000), priority: 'urgent' }, {}, '?wait=none'))
    .body
  await shift([id, Date.now() - 1])
  await waitFor('the last one', () => heard.length === 3)
  expect(heard).toEqual(['message', 'urgent_message', 'urgent_message'])
  subscriber.disconnect()
})

test("the lists of a quiet session forget messages whose records are gone, and keep the others'", async ({
  redis,
  ready,
}) => {
  await ready('shop')
  const retentionMs = 168 * 3_600_000
  const list = keys.messagesIn('shop', 'sent')
  await redis.zadd(list, Date.now() - retentionMs - 1_000, 'gone', Date.now() - retentionMs + 60_000, 'kept')
  await waitFor('it to be forgotten', async () => (await redis.zcard(list)) === 1)
  expect(await redis.zrange(list, 0, '-1')).toEqual(['kept'])
})
