import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { keys } from '@wsg/shared/redis/keys.ts'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { Fleet, type FleetWorker } from '../support/fleet.ts'
import { overload } from '../support/overload.ts'
import { browsersOn } from '../support/processes.ts'
import { waitFor } from '../support/wait-for.ts'

const PHONE = '5511911111111'
const CUSTOMER = '5511999887766'
/** What `main.ts` gives a worker to end, and an engine has to give it at least. */
const GRACE_MS = 30_000

describe('a plain worker that is asked to end', () => {
  let fleet: Fleet

  beforeAll(async () => {
    fleet = await Fleet.start()
    await fleet.startWorker()
    await fleet.pair('sales', PHONE)
  })
  afterEach(async () => {
    await fleet.simulator.set({ serverAckDelayMs: 0, noAck: false, pageLoadDelayMs: 0 })
  })
  afterAll(async () => {
    await fleet.close()
  })

  async function expectNothingLeft(): Promise<void> {
    expect(await fleet.redis.exists(keys.lease('sales'))).toBe(0)
    expect(await fleet.redis.hexists(keys.session('sales'), 'worker')).toBe(0)
    expect(browsersOn(fleet.profilePath('sales'))).toEqual([])
  }

  async function owner(): Promise<FleetWorker> {
    await fleet.api.until('sales', 'ready')
    return fleet.workerOf('sales')
  }

  async function accept(text: string): Promise<string> {
    const { status, body } = await fleet.api.post(
      '/send',
      'sales',
      { to: CUSTOMER, message: text },
      { prefer: 'respond-async' },
    )
    expect(status).toBe(202)
    return String(body.id)
  }

  async function untilInState(id: string, ...states: string[]): Promise<void> {
    await waitFor(`message ${id} to be ${states}`, async () =>
      states.includes(String((await fleet.api.get(`/messages/${id}`, 'sales')).body.status)),
    )
  }

  async function copiesOf(text: string): Promise<number[]> {
    return (await fleet.simulator.messages(PHONE, CUSTOMER))
      .filter(({ body }) => body === text)
      .map(({ copies }) => copies)
  }

  it('ends with 0 and nothing left where it is idle', async () => {
    const worker = await fleet.startWorker()
    await fleet.untilIdle(1)
    expect(await worker.stop()).toBe(0)
    expect(await fleet.redis.zcard(keys.workers)).toBe(1)
    const files = await readdir(join(fleet.dataDir, '.wwebjs_auth/.hosts'), { recursive: true })
    expect(files.filter((name) => name.includes(`-${worker.pid}-`))).toEqual([])
  })

  it('lets the sends in flight get their ack, and leaves the rest to the next worker, each once', async () => {
    const worker = await owner()
    await fleet.simulator.set({ serverAckDelayMs: 700 })
    const texts = ['in flight', 'second', 'third', 'fourth']
    const ids: string[] = []
    for (const text of texts) ids.push(await accept(text))
    await waitFor('the first to be on its way', async () => (await copiesOf('in flight')).length === 1)
    expect(await worker.stop()).toBe(0)
    await expectNothingLeft()
    await untilInState(ids[0] as string, 'sent', 'delivered', 'read')
    const { body } = await fleet.api.get('/status', 'sales')
    expect(body.status).toBe('initializing') // and stays so for as long as no worker is there
    await fleet.simulator.set({ serverAckDelayMs: 0 })
    await fleet.startWorker()
    for (const id of ids) await untilInState(id, 'sent', 'delivered', 'read')
    for (const text of texts) expect(await copiesOf(text), text).toEqual([1])
  })

  it('ends in the middle of a browser start, and the next one starts it', async () => {
    await (await owner()).stop()
    await fleet.simulator.set({ pageLoadDelayMs: 20_000 })
    const worker = await fleet.startWorker()
    await waitFor('its browser', () => browsersOn(fleet.profilePath('sales')).length === 1)
    const askedAt = performance.now()
    expect(await worker.stop()).toBe(0)
    expect(performance.now() - askedAt).toBeLessThan(15_000 * overload())
    await expectNothingLeft()
    await fleet.simulator.set({ pageLoadDelayMs: 0 })
    await fleet.startWorker()
    await owner()
  })

  it('ends within its grace period though no ack comes', async () => {
    const worker = await owner()
    await fleet.simulator.set({ noAck: true })
    const id = await accept('never acked')
    await waitFor('it to be on its way', async () => (await copiesOf('never acked')).length === 1)
    const askedAt = performance.now()
    expect(await worker.stop()).toBe(0)
    expect(performance.now() - askedAt).toBeLessThan(GRACE_MS * 0.75 * overload())
    await expectNothingLeft()
    await fleet.simulator.set({ noAck: false })
    await fleet.startWorker()
    await untilInState(id, 'unknown', 'sent', 'delivered', 'read')
    await owner()
  })

  it('ends at once when it is asked a second time, and the next one need not wait for its lease', async () => {
    const worker = await owner()
    await fleet.startWorker()
    await fleet.untilIdle(1)
    await fleet.simulator.set({ noAck: true })
    await accept('in flight at a second signal')
    await waitFor(
      'it to be on its way',
      async () => (await copiesOf('in flight at a second signal')).length === 1,
    )
    const before = await fleet.redis.get(keys.lease('sales'))
    worker.kill('SIGTERM')
    await waitFor('it to say that it ends', () => worker.output.includes('the ownership ends'))
    worker.kill('SIGTERM')
    expect(await worker.ended()).toBe(1)
    await waitFor(
      'another owner',
      async () => ![null, before].includes(await fleet.redis.get(keys.lease('sales'))),
      { timeoutMs: 3_000 },
    )
    await fleet.simulator.set({ noAck: false })
    await owner()
  })
})
