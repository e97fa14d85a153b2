import { afterEach, describe, expect, test } from 'vitest'
import { waitFor } from '../support/wait-for.ts'
import { arrivalsOf, nextEvent, record, restore } from './client-steps.ts'
import { textTo } from './outgoing-text.ts'
import { type SimulatorHarness, simulatorHarness } from './simulator-harness.ts'

const PHONE = '4915112345678'

let harness: SimulatorHarness
afterEach(async () => {
  await harness.end()
})

describe('a page that loads itself anew', () => {
  const openWithheld = async () => {
    const client = harness.client('a')
    const code = nextEvent(client, 'qr')
    const ready = nextEvent(client, 'ready')
    await client.open([])
    await harness.scan((await code)[0], PHONE)
    await ready
    return client
  }

  test('is a fault before it can send again what has no ack', async () => {
    harness = await simulatorHarness({ noAck: true })
    const client = await openWithheld()
    const message = textTo('491701234567@c.us', 'once')
    await client.sendText(message)
    await arrivalsOf(harness, PHONE, 1)
    const fault = nextEvent(client, 'fault')
    await harness.post('/reload', { account: PHONE })
    expect((await fault)[0]).toMatchObject({ kind: 'unexpected', detail: expect.stringContaining('no ack') })
    await client.close()
    await harness.setAcks(true)
    const next = harness.client('a')
    await restore(next, [message.messageId])
    await next.sendText(textTo('491701234567@c.us', 'another'))
    expect((await arrivalsOf(harness, PHONE, 2)).map(({ body }) => body)).toEqual(['once', 'another'])
  })

  test('goes on where everything has its ack', async () => {
    harness = await simulatorHarness({})
    const client = await openWithheld()
    const said = record(client)
    const acked = nextEvent(client, 'ack')
    await client.sendText(textTo('491701234567@c.us', 'before'))
    await acked
    await harness.post('/reload', { account: PHONE })
    await waitFor('the page to come back', () => {
      const states = said.filter(({ name }) => name === 'connection').map(({ args }) => args[0])
      return states.includes(false) && states.at(-1) === true
    })
    await client.sendText(textTo('491701234567@c.us', 'after'))
    await arrivalsOf(harness, PHONE, 2)
    expect(said.map(({ name }) => name)).not.toContain('fault')
  })

  test('ends the session where it goes to its QR, whatever has no ack', async () => {
    harness = await simulatorHarness({ noAck: true })
    const client = await openWithheld()
    const said = record(client)
    await client.sendText(textTo('491701234567@c.us', 'x'))
    const loggedOut = nextEvent(client, 'loggedOut')
    await harness.unlink(PHONE)
    await loggedOut
    expect(said.map(({ name }) => name)).not.toContain('fault')
  })
})
