import { createLogger } from '@wsg/shared/logger.ts'
import { type Mark, NotReplicated } from '@wsg/shared/redis/connection/confirmations.ts'
import type { RedisClient } from '@wsg/shared/redis/connection/redis-client.ts'
import { Fence } from '@wsg/worker/src/lease/fence.ts'
import { LeaseKeeper } from '@wsg/worker/src/lease/lease-keeper.ts'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

const TTL_MS = 10_000

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function setUp(answer: () => Promise<unknown>, confirm: () => Promise<void> = async () => {}) {
  const said: string[] = []
  const asked: number[] = []
  const evalsha = () => {
    asked.push(performance.now())
    return answer()
  }
  const fence = new Fence(TTL_MS, Fence.now())
  const keeper = new LeaseKeeper({
    redis: { evalsha } as unknown as RedisClient,
    confirmations: { mark: () => 0 as Mark, confirm },
    sessionId: 'sales',
    token: '1-a',
    ttlMs: TTL_MS,
    fence,
    logger: createLogger('test', 'silent'),
    status: () => 'ready',
    onWanted: () => {},
    onUnwanted: () => said.push('unwanted'),
    onLoggingOut: () => said.push('logging_out'),
    onDeleting: () => said.push('deleting'),
    onLost: (why) => said.push(why),
  })
  keeper.start()
  return { keeper, fence, said, asked }
}

describe('LeaseKeeper', () => {
  it('renews every 0.3 of the time to live, and the fence stays open', async () => {
    const { asked, said, fence, keeper } = setUp(async () => ['1'])
    await vi.advanceTimersByTimeAsync(60_000)
    expect(asked).toHaveLength(20)
    expect(said).toEqual([])
    expect(fence.isOpen()).toBe(true)
    keeper.stop()
  })

  it('tries again sooner while Redis does not answer, and gives up once, before the lease can end', async () => {
    const { asked, said } = setUp(() => Promise.reject(new Error('away')))
    await vi.advanceTimersByTimeAsync(6_400)
    expect(said).toEqual([])
    await vi.advanceTimersByTimeAsync(600)
    expect(said).toEqual(['lease_unconfirmed'])
    expect(asked.length).toBeGreaterThan(3)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(said).toHaveLength(1)
  })

  it('gives up in time while replicas do not confirm what the primary renewed', async () => {
    const { asked, said } = setUp(
      async () => ['1'],
      async () => {
        throw new NotReplicated('confirmed by 0 replicas only')
      },
    )
    await vi.advanceTimersByTimeAsync(6_400)
    expect(asked.length).toBeGreaterThan(3)
    expect(said).toEqual([])
    await vi.advanceTimersByTimeAsync(600)
    expect(said).toEqual(['lease_unconfirmed'])
  })

  it('hears that nobody wants the session though replicas do not confirm', async () => {
    const { said, keeper } = setUp(
      async () => 'unwanted',
      () => new Promise(() => {}),
    )
    await vi.advanceTimersByTimeAsync(3_100)
    expect(said).toEqual(['unwanted'])
    keeper.stop()
  })

  it('gives up in time when an answer never comes', async () => {
    const { said } = setUp(() => new Promise(() => {}))
    await vi.advanceTimersByTimeAsync(7_000)
    expect(said).toEqual(['lease_unconfirmed'])
  })

  it("gives up at once when the lease is somebody else's", async () => {
    const { said } = setUp(async () => 'lost')
    await vi.advanceTimersByTimeAsync(3_000)
    expect(said).toEqual(['lease_lost'])
  })

  it('asks nothing and gives up first when it wakes after its time', async () => {
    const { asked, said } = setUp(async () => ['1'])
    vi.setSystemTime(Date.now() + 60_000) // paused: the wall clock went on, no timer ran
    await vi.advanceTimersByTimeAsync(3_000)
    expect(said).toEqual(['lease_unconfirmed'])
    expect(asked).toHaveLength(0)
  })

  it.each(['unwanted', 'logging_out', 'deleting'])(
    'passes on that the session is %s and goes on renewing',
    async (word) => {
      const { said, fence, keeper } = setUp(async () => word)
      await vi.advanceTimersByTimeAsync(9_100)
      expect(said).toEqual([word, word, word])
      expect(fence.isOpen()).toBe(true)
      keeper.stop()
    },
  )

  it('raises no alarm about a lease that it was told to let go', async () => {
    const { said, keeper } = setUp(async () => 'lost')
    keeper.stop()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(said).toEqual([])
  })
})
