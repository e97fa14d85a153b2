import { afterAll, beforeAll, expect, it } from 'vitest'
import { type LineAnswer, LiveUpload } from '../integration/gateway/bulk/bulk-client.ts'
import { Fleet } from '../support/fleet.ts'
import { waitFor } from '../support/wait-for.ts'

const SESSION = 'sales'
const PHONE = '5511911111111'
const HURRIED = '5511922222222'
const CHATS = 20
const LINES = 300

let fleet: Fleet

beforeAll(async () => {
  // Some are always between the page and their ack, whatever happens meanwhile.
  fleet = await Fleet.start({ simulator: { serverAckDelayMs: 100 } })
  await fleet.startWorker()
  await fleet.pair(SESSION, PHONE)
})
afterAll(async () => {
  await fleet.close()
})

/** Line n says `word n`. @returns the answer that names the batch */
async function upload(word: string, count: number): Promise<LineAnswer> {
  const live = await LiveUpload.start(fleet.api.address, SESSION, {
    authorization: `Bearer ${fleet.api.token}`,
    'idempotency-key': word,
  })
  const lines = Array.from({ length: count }, (_, i) => ({
    to: `55119998870${10 + (i % CHATS)}`,
    message: `${word} ${i}`,
  }))
  await live.write(lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  live.end()
  await live.ended
  return live.answers.at(-1) ?? {}
}

async function untilDone(batchId: string | undefined): Promise<Record<string, unknown>> {
  return await waitFor(
    'the batch to be done',
    async () => {
      const { body } = await fleet.api.get(`/batches/${batchId}`, SESSION)
      if (body.done === true) return body
      throw new Error(`it is ${JSON.stringify(body)}`)
    },
    { timeoutMs: 60_000 },
  )
}

const pause = () => fleet.api.post('/queue/pause', SESSION)
const resume = () => fleet.api.post('/queue/resume', SESSION)
const queue = async () => (await fleet.api.get('/queue', SESSION)).body
const onTheWire = () => fleet.simulator.messages(PHONE)

it('each line of a file reaches WhatsApp once, in the order of its chat, though Redis dies while they are sent', async () => {
  await pause()
  const { batchId, accepted } = await upload('line', LINES)
  expect(accepted).toBe(LINES)
  const urgent = await fleet.api.post(
    '/send',
    SESSION,
    { to: HURRIED, message: 'urgent', priority: 'urgent' },
    { prefer: 'respond-async' },
  )
  expect(urgent.status).toBe(202)
  expect(await queue()).toMatchObject({ paused: true, waiting: LINES + 1, urgent: 1, sending: 0 })
  expect(await onTheWire()).toEqual([])

  await resume()
  await waitFor('a fifth to arrive', async () => (await onTheWire()).length >= LINES / 5, { everyMs: 10 })
  await fleet.server.kill()
  expect((await onTheWire()).length).toBeLessThan(LINES)
  await fleet.server.restart()

  const { counts } = await untilDone(batchId)
  const { sent = 0, delivered = 0, read = 0 } = counts as Record<string, number>
  expect([sent + delivered + read, counts]).toEqual([LINES, expect.objectContaining({ unknown: 0 })])
  // Handed over again under its key, it is known line by line.
  expect(await upload('line', LINES)).toMatchObject({ batchId, accepted: 0, replayed: LINES })

  const wire = await onTheWire()
  expect(wire.filter(({ copies }) => copies !== 1)).toEqual([])
  const numbers = wire.filter(({ to }) => to !== HURRIED).map(({ body }) => Number(body.split(' ')[1]))
  expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: LINES }, (_, i) => i))
  for (let chat = 0; chat < CHATS; chat += 1) {
    const ofChat = numbers.filter((number) => number % CHATS === chat)
    expect(ofChat).toEqual(ofChat.toSorted((a, b) => a - b))
  }
  // What was accepted before it goes to other chats, and is overtaken.
  expect(wire.findIndex(({ to }) => to === HURRIED)).toBeLessThan(LINES / 5)
})

it('a batch that is canceled while it waits is not sent, and what comes after it is', async () => {
  await pause()
  const { batchId, accepted } = await upload('canceled', 50)
  expect(accepted).toBe(50)
  const cancel = await fleet.api.request(`/batches/${batchId}`, { method: 'DELETE', session: SESSION })
  expect(cancel.body).toMatchObject({ canceledNow: 50, done: true, counts: { canceled: 50 } })
  expect(await queue()).toMatchObject({ paused: true, waiting: 0 })

  const after = await upload('after', CHATS)
  await resume()
  await untilDone(after.batchId)
  const bodies = (await onTheWire()).map(({ body }) => body)
  expect(bodies.filter((body) => body.startsWith('after'))).toHaveLength(CHATS)
  expect(bodies.filter((body) => body.startsWith('canceled'))).toEqual([])
})
