import { DAY_MS, dayOf, protectivePacing } from '@wsg/shared/messages/pacing.ts'
import { keys } from '@wsg/shared/redis/keys.ts'
import { describe, expect } from 'vitest'
import { untilDayLasts } from '../../../support/same-day.ts'
import { waitFor } from '../../../support/wait-for.ts'
import { gatewayTest } from '../gateway-test.ts'

const test = gatewayTest.extend(
  'put',
  ({ gateway }) =>
    (body: unknown) =>
      gateway.ask('PUT', '/session', { session: 'sales', body }),
)

const session = keys.session('sales')

describe('PUT /session', () => {
  test('writes the pacing of a session and tells its worker at once', async ({ redis, ready, put }) => {
    const worker = await ready('sales')
    const heard = await worker.hear()
    const pacing = { perMinute: 30, warmUp: null, overCap: 'refuse' }
    const answer = await put({ pacing })
    expect(answer.status).toBe(200)
    expect(answer.body).toMatchObject({ sessionId: 'sales', status: 'ready', pacing })
    expect(JSON.parse((await redis.hget(session, 'pacing')) as string)).toEqual(pacing)
    await waitFor('the worker to be told', () => heard.length > 0)
    expect(heard).toEqual(['queue_settings'])
  })

  test('takes everything back with null, also where no worker is there', async ({ redis, put }) => {
    await redis.hset(session, { createdAt: '1', pacing: '{"dailyCap":5}' })
    expect((await put({ pacing: null })).body).toMatchObject({ pacing: null })
    expect(await redis.hexists(session, 'pacing')).toBe(0)
  })

  test('names what is wrong, and changes nothing', async ({ redis, put }) => {
    await redis.hset(session, { createdAt: '1', pacing: '{"dailyCap":5}' })
    for (const [pacing, named] of [
      [{ dailyCap: -1 }, 'dailyCap'],
      [{ typingMs: 1.5 }, 'typingMs'],
      [{ overCap: 'drop' }, 'must be queue or refuse'],
      [{ warmUp: { days: 3 } }, 'startPerDay'],
      [{ speed: 3 }, 'speed'],
    ] as const) {
      const answer = await put({ pacing })
      expect(answer.status).toBe(400)
      expect(JSON.stringify(answer.body)).toContain(named)
    }
    expect((await put({})).status).toBe(400)
    expect(await redis.hget(session, 'pacing')).toBe('{"dailyCap":5}')
  })

  test('is 404 for a session that is not there', async ({ redis, put }) => {
    const answer = await put({ pacing: null })
    expect([answer.status, answer.body.code]).toEqual([404, 'session_not_found'])
    expect(await redis.exists(session)).toBe(0)
  })
})

describe('GET /status', () => {
  test('shows a pause, a hold, the pacing in force and sends in doubt', async ({ redis, gateway, ready }) => {
    await ready('sales')
    const heldUntil = Date.now() + DAY_MS
    const since = Date.now() - 1_000
    await redis.hset(session, {
      paused: '1',
      heldUntil,
      degraded: 'unacked',
      degradedSince: since,
      pacingInForce: JSON.stringify(protectivePacing),
    })
    const { body } = await gateway.get('/status', 'sales')
    expect(body.queue).toEqual({
      waiting: 0,
      oldestMs: null,
      paused: true,
      heldUntil: new Date(heldUntil).toISOString(),
      heldBecause: 'daily_cap',
    })
    expect(body.pacing).toEqual(protectivePacing)
    expect(body.degraded).toEqual({ since: new Date(since).toISOString(), reason: 'unacked' })
  })

  test('shows no hold that is over, and of an owner that is gone nothing that it alone knew', async ({
    redis,
    gateway,
  }) => {
    await redis.hset(session, { createdAt: '1', heldUntil: '5', degraded: 'unacked', degradedSince: '1' })
    const { body } = await gateway.get('/status', 'sales')
    expect(body.queue).toEqual({ waiting: 0, oldestMs: null, paused: false })
    expect(body).not.toHaveProperty('degraded')
  })
})

describe('POST /send over the daily cap', () => {
  test('is refused with the time at which the next day begins, and nothing is written', async ({
    redis,
    gateway,
    ready,
  }) => {
    await untilDayLasts()
    await ready('sales')
    const today = dayOf(Date.now())
    await redis.hset(session, 'refusedFrom', `${today}:2`)
    await redis.set(keys.ackedOn(`5511900000000:${today}`), '2')
    const answer = await gateway.send('sales')
    expect([answer.status, answer.body.code]).toEqual([429, 'daily_cap_reached'])
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
    expect(Number(answer.headers['retry-after'])).toBeLessThanOrEqual(DAY_MS / 1_000)
    expect(answer.body.resumesAt).toBe(new Date((today + 1) * DAY_MS).toISOString())
    expect(await redis.zcard(keys.queued('sales'))).toBe(0)
  })
})
