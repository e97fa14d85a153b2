import { expect } from 'vitest'
import { overload } from '../support/overload.ts'
import { newest } from '../support/tested-builds.ts'
import { waitFor } from '../support/wait-for.ts'
import { nextEvent } from './client-steps.ts'
import { rigTest as test } from './rig-test.ts'

const PHONE = '4915112345678'
const SESSION = 'sales'

test.for(newest)(
  'nothing goes on the wire after its deadline, or twice, when WhatsApp is away and comes back, on the build %s',
  async (build, { rig, harness }) => {
    await harness.set({ build })
    const deadlines = new Map<string, number>()
    let clients = 0
    const worker = await rig.startWorker({
      settings: { leaseTtlMs: 6_000 },
      createClient: (sessionId) => {
        clients += 1
        const client = harness.client(sessionId)
        const send = client.send.bind(client)
        client.send = (message) => {
          deadlines.set(message.messageId, message.deadline)
          return send(message)
        }
        if (clients === 1) void nextEvent(client, 'qr').then(([qr]) => harness.scan(qr, PHONE))
        return client
      },
    })
    await rig.want(SESSION)
    await rig.untilView(SESSION, 'ready')
    await harness.set({ noAck: true, offlineDeliveryMs: 1_500 })
    const unacked = await rig.send(SESSION, '491701234561', 'without an ack')
    await waitFor('it to arrive', () => harness.arrivalTimes(PHONE).length === 1)

    await harness.set({ refusePages: true })
    await harness.dropConnection(PHONE)
    await rig.untilView(SESSION, 'initializing', 'reconnecting')
    const waiting = await rig.send(SESSION, '491701234562', 'accepted meanwhile')
    await waitFor('the page to be ended', () => worker.deaths.length > 0, { timeoutMs: 15_000 })
    await harness.set({ refusePages: false, noAck: false })
    await worker.stop()
    await rig.startWorker({ createClient: (sessionId) => harness.client(sessionId) })
    await rig.place(SESSION)
    await rig.untilView(SESSION, 'ready')

    expect(await rig.untilState(SESSION, unacked, 'unknown')).toMatchObject({ reason: 'outcome_unknown' })
    await waitFor('what was accepted meanwhile', async () =>
      ['sent', 'delivered', 'read'].includes((await rig.record(SESSION, waiting)).state),
    )
    const arrivals = harness.arrivalTimes(PHONE)
    expect(arrivals.map(({ id }) => id)).toEqual([unacked, waiting])
    expect(arrivals[0]?.at).toBeLessThanOrEqual(deadlines.get(unacked) ?? 0)
    // What is handed over before the delivery of what had waited is over leaves only then.
    const { sendingAt = 0 } = await rig.record(SESSION, waiting)
    expect((arrivals[1]?.at ?? 0) - sendingAt).toBeLessThan(1_000 * overload())
  },
)
