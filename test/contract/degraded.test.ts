import type { WhatsAppClient } from '@wsg/worker/src/whatsapp/whatsapp-client.ts'
import { expect } from 'vitest'
import { waitFor } from '../support/wait-for.ts'
import { nextEvent } from './client-steps.ts'
import { rigTest as test } from './rig-test.ts'

const PHONE = '4915112345678'
const SESSION = 'sales'

test('a real browser whose sends stay without an ack is replaced, and nothing is sent twice', async ({
  rig,
  harness,
}) => {
  const clients: WhatsAppClient[] = []
  await rig.startWorker({
    settings: {
      ackLimits: { severalMs: 1_000, oneMs: 2_000, replacedMs: 1_000, replacedAloneMs: 600_000 },
      sendsGraceMs: 100,
      leaseTtlMs: 10_000,
    },
    createClient: (sessionId) => {
      const client = harness.client(sessionId)
      clients.push(client)
      return client
    },
  })
  await rig.want(SESSION)
  const first = await waitFor('the browser', () => clients[0])
  const [qr] = await nextEvent(first, 'qr')
  await harness.scan(qr, PHONE)
  await rig.untilView(SESSION, 'ready')
  await harness.set({ noAck: true })
  const ids: string[] = []
  for (let n = 0; n < 4; n++) ids.push(await rig.send(SESSION, `4917012345${n}0`, String(n)))
  await waitFor('another browser', () => clients.length === 2, { timeoutMs: 30_000 })
  await harness.set({ noAck: false })
  const last = await rig.send(SESSION, '49170555555', 'afterwards')
  // Receipts are written together: it may be read without having been seen delivered.
  await waitFor('its receipt', async () =>
    ['delivered', 'read'].includes((await rig.record(SESSION, last)).state),
  )
  for (const id of ids)
    expect((await rig.record(SESSION, id)).state).toMatch(/^(unknown|sent|delivered|read)$/)
  const arrived = (await harness.arrivals(PHONE)).map(({ id }) => id)
  expect(new Set(arrived).size).toBe(arrived.length)
  expect(await rig.history(SESSION)).toEqual(expect.arrayContaining(['degraded', 'unacked']))
})
