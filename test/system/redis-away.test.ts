import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { overload } from '../support/overload.ts'
import { isAlive } from '../support/processes.ts'
import { type RedisServer, startRedis } from '../support/redis.ts'
import { Stack } from '../support/stack.ts'
import { waitFor } from '../support/wait-for.ts'

const PHONE = '5511911111111'
const CUSTOMER = '5511999887766'

describe('while Redis is away', () => {
  let redis: RedisServer
  let stack: Stack

  beforeAll(async () => {
    redis = await startRedis()
    stack = await Stack.start({ env: { REDIS_URL: redis.url } })
    await stack.pair('sales', PHONE)
  })
  afterAll(async () => {
    await stack.close()
    await redis.stop()
  })

  it('every request is answered 503 within two seconds, and everything resumes when it returns', async () => {
    await redis.kill()
    for (const [path, method, body] of [
      ['/status', 'GET'],
      ['/health', 'GET'],
      ['/qr', 'GET'],
      ['/sessions', 'GET'],
      ['/readyz', 'GET'],
      ['/send', 'POST', { to: CUSTOMER, message: 'no' }],
    ] as const) {
      const asked = performance.now()
      const answer = await stack.api.request(path, {
        method,
        session: 'sales',
        ...(body === undefined ? {} : { body }),
      })
      expect([path, answer.status]).toEqual([path, 503])
      expect(performance.now() - asked).toBeLessThan(2_000 * overload())
    }
    expect((await stack.api.request('/livez', { token: null })).status).toBe(200)
    await redis.restart()
    await stack.api.until('sales', 'ready', 60_000)
    const { status, body } = await stack.api.send('sales', CUSTOMER, 'back again')
    expect([200, 202]).toContain(status)
    await waitFor('the message to arrive once', async () => {
      const arrived = await stack.simulator.messages(PHONE, CUSTOMER)
      return arrived.some((message) => message.id === body.id && message.copies === 1)
    })
    expect(isAlive(stack.workerOf('sales').pid)).toBe(true)
  })
})
