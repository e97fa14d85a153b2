import { keys } from '@wsg/shared/redis/keys.ts'
import { figures } from '@wsg/shared/redis/worker/fleet-figures.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Fleet } from '../support/fleet.ts'
import { isAlive } from '../support/processes.ts'
import { waitFor } from '../support/wait-for.ts'

const PHONE = '5511911111111'
const CUSTOMER = '5511999887766'
/** Outlasts the start of a worker on a machine that is busy, so that one which is freed before has not just run out. */
const LONG_LEASE = { LEASE_TTL_MS: '60000' }

/** Each test leaves the session ready with one idle worker beside it. */
describe('plain workers of one host', () => {
  let fleet: Fleet

  beforeAll(async () => {
    fleet = await Fleet.start()
    await fleet.startWorker(LONG_LEASE)
    await fleet.startWorker(LONG_LEASE)
    await fleet.pair('sales', PHONE)
    await fleet.untilIdle(1)
  })
  afterAll(async () => {
    await fleet.close()
  })

  async function takeovers(how: 'certain' | 'lapsed'): Promise<number> {
    return Number(await fleet.redis.hget(keys.figures, figures.takeover(how)))
  }

  it('free the lease of one that was killed long before it runs out, and one of them goes on', async () => {
    const [worker, browser] = [fleet.workerOf('sales'), fleet.browserOf('sales')]
    const before = await fleet.redis.get(keys.lease('sales'))
    worker.kill()
    await waitFor(
      'another owner',
      async () => ![null, before].includes(await fleet.redis.get(keys.lease('sales'))),
      { timeoutMs: 3_000 },
    )
    expect(isAlive(browser.pid)).toBe(false)
    await fleet.untilBack('sales', browser.pid)
    expect([await takeovers('certain'), await takeovers('lapsed')]).toEqual([1, 0])
    expect((await fleet.api.send('sales', CUSTOMER, 'after the takeover')).status).toBe(200)
  })

  it('free it when the first of them starts, where none was left', async () => {
    const [worker, browser] = [fleet.workerOf('sales'), fleet.browserOf('sales')]
    for (const { pid } of fleet.living()) if (pid !== worker.pid) process.kill(pid, 'SIGKILL')
    worker.kill()
    await waitFor('every worker to be gone', () => fleet.living().length === 0)
    await fleet.startWorker()
    await waitFor('another owner', async () => (await takeovers('certain')) === 2, { timeoutMs: 3_000 })
    await fleet.untilBack('sales', browser.pid)
    await fleet.startWorker()
    await fleet.untilIdle(1)
  })

  it('leave the session of a paused one to its lease', async () => {
    const [worker, browser] = [fleet.workerOf('sales'), fleet.browserOf('sales')]
    worker.kill('SIGSTOP')
    await waitFor('another owner', async () => (await takeovers('lapsed')) === 1, { timeoutMs: 15_000 })
    expect(await takeovers('certain')).toBe(2)
    worker.kill('SIGCONT')
    expect(await worker.ended()).toBe(1)
    await fleet.untilBack('sales', browser.pid)
    await fleet.startWorker()
    await fleet.untilIdle(1)
  })
})
