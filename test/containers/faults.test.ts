import { afterAll, beforeAll, expect, it } from 'vitest'
import { waitFor } from '../support/wait-for.ts'
import { ContainerFleet, LONG_LEASE } from './container-fleet.ts'
import { docker, outOfMemorySince } from './docker.ts'
import { SteadySender } from './steady-sender.ts'

const SALES = '491700000011'
const SUPPORT = '491700000012'
const TO = '5511999887766'
const LEAK_MB_PER_SECOND = 200
const MOST_ROUNDS = 4

let fleet: ContainerFleet
beforeAll(async () => {
  fleet = await ContainerFleet.start({ env: LONG_LEASE })
  await fleet.pair('sales', SALES)
  await fleet.pair('support', SUPPORT)
})
afterAll(() => fleet?.close())

it('answers /send again after docker kill of a worker, without a new QR', async () => {
  const { worker } = (await fleet.api.get('/status', 'sales')).body
  const victim = await fleet.workerOf('sales')
  const since = performance.now()
  await docker('kill', victim)
  const sent = fleet.api.send('sales', TO, 'across the death')
  const tookMs = await fleet.untilBack('sales', { since, not: String(worker) })
  const { id } = (await sent).body
  await fleet.untilSent('sales', String(id))
  const again = await fleet.api.send('sales', TO, 'after the death')
  expect(again.status, again.text).toBe(200)
  console.log(`takeover after docker kill: ready in ${Math.round(tookMs)} ms`)
  const wire = await fleet.simulator.messages(SALES, TO)
  expect(wire.map(({ body, copies }) => `${body} × ${copies}`)).toEqual([
    'across the death × 1',
    'after the death × 1',
  ])
  await docker('start', victim)
  await fleet.untilWorkers(3)
})

/**
 * Lets the page of sales leak until the kernel kills it. Where the worker happens to measure it in the half second before
 * the cap, it ends the page itself, and any worker may be the next that owns it.
 * @returns once sales is ready again: the container that owned it, and those in which the kernel killed something
 */
async function leakUntilKilled(): Promise<{ leaking: string; killed: string[] }> {
  for (let round = 1; round <= MOST_ROUNDS; round++) {
    const leaking = await fleet.workerOf('sales')
    const began = Date.now()
    const since = performance.now()
    await fleet.simulator.leak(SALES, LEAK_MB_PER_SECOND)
    await waitFor(
      'a browser of sales to go for its memory',
      async () => {
        const { body } = await fleet.api.get('/status', 'sales')
        const happened = (body.history as { event: string; at: string }[]).filter(
          ({ at }) => Date.parse(at) >= began,
        )
        if (happened.some(({ event }) => event === 'memory_limit' || event === 'recycled')) return true
        throw new Error(JSON.stringify(body))
      },
      { timeoutMs: 60_000 },
    )
    await fleet.untilBack('sales')
    console.log(`a leaking page: gone and ready again in ${Math.round(performance.now() - since)} ms`)
    const killed = await outOfMemorySince(began)
    if (killed.length > 0) return { leaking, killed }
  }
  throw new Error(`the kernel killed none of ${MOST_ROUNDS} pages that leaked`)
}

it('kills a page that leaks at the cap, brings its session back, and touches no other', async () => {
  const before = (await fleet.api.get('/status', 'support')).body
  const { leaking, killed } = await leakUntilKilled()
  expect(new Set(killed)).toEqual(new Set([leaking]))
  expect((await fleet.api.send('sales', TO, 'after the leak')).status).toBe(200)
  const after = (await fleet.api.get('/status', 'support')).body
  expect([after.status, after.worker, after.connectedAt]).toEqual([
    'ready',
    before.worker,
    before.connectedAt,
  ])
})

it('keeps its sessions and everything accepted over a restart of Redis', async () => {
  const owners = async () =>
    await Promise.all(
      ['sales', 'support'].map(async (id) => (await fleet.api.get('/status', id)).body.worker),
    )
  const before = await owners()
  const to = '5511999887701'
  const senders = ['sales', 'support'].map((id) => new SteadySender(fleet.gateways, id, to, false))
  await Promise.all(senders.map((sender) => sender.until(5)))
  const [redis = ''] = await fleet.compose.containers('redis')
  await docker('restart', redis)
  await Promise.all(senders.map((sender) => sender.until(sender.accepted.length + 10)))
  for (const sender of senders) await sender.stop()
  for (const [n, phone] of [SALES, SUPPORT].entries()) {
    const { accepted = [] } = senders[n] ?? {}
    const wire = await waitFor('everything accepted to arrive', async () => {
      const messages = await fleet.simulator.messages(phone, to)
      return messages.length >= accepted.length && messages
    })
    expect(wire.map(({ body, copies }) => `${body} × ${copies}`)).toEqual(
      accepted.map((text) => `${text} × 1`),
    )
  }
  expect(await owners()).toEqual(before)
})
