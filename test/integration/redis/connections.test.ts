import { describe, expect, onTestFinished, test } from 'vitest'
import { startRedis } from '../../support/redis.ts'
import { SentinelSet, withRedis } from '../../support/redis-sentinel.ts'
import { waitFor } from '../../support/wait-for.ts'
import { ActingWorker } from '../gateway/acting-worker.ts'
import { FleetUnderTest } from './fleet-under-test.ts'

const PER_GATEWAY = 6
const PER_WORKER = 4
const OF_AN_OWNER = 3

/** The connections of one port, counted by who made them. Replicas and Sentinels, and this question, are left out. */
async function connectionsBy(port: number): Promise<Record<string, number>> {
  const list = await withRedis(port, async (redis) => {
    await redis.client('SETNAME', 'test')
    return String(await redis.client('LIST'))
  })
  const counts: Record<string, number> = {}
  for (const line of list.trim().split('\n')) {
    const name = / name=(\S*)/.exec(line)?.[1] ?? ''
    if (/ flags=\S*[SM]/.test(line) || name.startsWith('sentinel') || name === 'test') continue
    const owner = ownerOf(name)
    counts[owner] = (counts[owner] ?? 0) + 1
  }
  return counts
}

/** BullMQ calls the connections on which it blocks after their queue. */
function ownerOf(name: string): string {
  const [, queue = ''] = /^wsg:bull:(.*)$/.exec(name) ?? []
  if (name.startsWith('gateway') || queue === btoa('reconcile')) return 'gateway'
  if (name.startsWith('worker:') || /^(send|control|placement)/.test(atob(queue))) return 'workers'
  return `unknown ${name}`
}

/** Looks at one session, then at fifty, all of which are asked about and sent to. */
async function expectBudgets(fleet: FleetUnderTest, port: number): Promise<void> {
  const look = async () => {
    const counts = await connectionsBy(port)
    expect(Object.keys(counts).sort()).toEqual(['gateway', 'workers'])
    expect(counts.gateway).toBeLessThanOrEqual(PER_GATEWAY)
    // Both own a session, which is when they hold the most.
    expect(counts.workers).toBeLessThanOrEqual(2 * PER_WORKER)
    return counts
  }
  expect((await fleet.gateway.send('shop')).status).toBe(200)
  // Whoever was idle leaves the placement queue a moment after it is ready.
  await waitFor('all to be settled', async () => (await look()).workers === 2 * OF_AN_OWNER)
  const withOne = await look()
  for (let i = 0; i < 49; i++) {
    const owner = await ActingWorker.ready(`redis://127.0.0.1:${port}`, `more-${i}`)
    expect((await fleet.gateway.send(`more-${i}`, {}, {}, '?wait=none')).status).toBe(202)
    await owner.close()
  }
  await waitFor('the connections of this test to be gone', async () => {
    const counts = await connectionsBy(port)
    return Object.keys(counts).every((owner) => !owner.startsWith('unknown'))
  })
  expect(await look()).toEqual(withOne)
}

describe('a gateway holds at most six connections and a worker four, with one session and with fifty', () => {
  test('on one Redis', async () => {
    const server = await startRedis()
    onTestFinished(() => server.stop())
    const fleet = await FleetUnderTest.start({ REDIS_URL: server.url }, ['shop', 'office'])
    onTestFinished(() => fleet.stop())
    await expectBudgets(fleet, server.port)
  })

  test('with Sentinels and confirmations', async () => {
    const sentinels = await SentinelSet.start()
    onTestFinished(() => sentinels.stop())
    const environment = { ...sentinels.environment, REDIS_MIN_REPLICAS: '1' }
    const fleet = await FleetUnderTest.start(environment, ['shop', 'office'])
    onTestFinished(() => fleet.stop())
    await expectBudgets(fleet, (await sentinels.primary()).port)
  })
})
