import { afterAll, beforeAll, expect, it } from 'vitest'
import { waitFor } from '../support/wait-for.ts'
import { ContainerFleet, LONG_LEASE } from './container-fleet.ts'
import { docker } from './docker.ts'
import { SteadySender } from './steady-sender.ts'

const SESSIONS = { sales: '491700000021', support: '491700000022', billing: '491700000023' }
/** One is sent to by a caller that waits for each ack, the other by one that does not. */
const WAITING = '5511999887711'
const ASYNC = '5511999887712'

let fleet: ContainerFleet
beforeAll(async () => {
  fleet = await ContainerFleet.start({ env: LONG_LEASE })
  for (const [session, phone] of Object.entries(SESSIONS)) await fleet.pair(session, phone)
})
afterAll(() => fleet?.close())

it('loses and doubles nothing while all workers and both gateways are restarted under steady sending', async () => {
  const senders = Object.keys(SESSIONS).flatMap((session) => [
    new SteadySender(fleet.gateways, session, WAITING, true),
    new SteadySender(fleet.gateways, session, ASYNC, false),
  ])
  await Promise.all(senders.map((sender) => sender.until(5)))
  const restartAll = async (service: string) => {
    for (const container of await fleet.compose.containers(service)) {
      const began = performance.now()
      await docker('restart', '--time', '60', container)
      await fleet.untilWorkers(3)
      for (const session of Object.keys(SESSIONS)) await fleet.untilBack(session)
      console.log(`restart of a ${service}: all ready after ${Math.round(performance.now() - began)} ms`)
    }
  }
  await restartAll('worker')
  await restartAll('gateway')
  for (const sender of senders) await sender.stop()
  console.log(`accepted meanwhile: ${senders.map(({ accepted }) => accepted.length).join(', ')}`)
  for (const [n, phone] of Object.values(SESSIONS).entries()) {
    for (const [m, to] of [WAITING, ASYNC].entries()) {
      const { accepted = [] } = senders[2 * n + m] ?? {}
      const wire = await waitFor('everything accepted to arrive', async () => {
        const messages = await fleet.simulator.messages(phone, to)
        return messages.length >= accepted.length && messages
      })
      expect(wire.map(({ body, copies }) => `${body} × ${copies}`)).toEqual(
        accepted.map((text) => `${text} × 1`),
      )
    }
  }
  for (const session of Object.keys(SESSIONS)) {
    const { body } = await fleet.api.get('/status', session)
    const events = (body.history as { event: string }[]).map(({ event }) => event)
    expect(events, 'every worker let go of its session').toContain('handed_over')
    expect(events).not.toContain('worker_died')
  }
})
