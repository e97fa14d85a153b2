import { afterEach, describe, expect, test } from 'vitest'
import { waitFor } from '../support/wait-for.ts'
import { arrivalsOf, nextEvent, pair, record } from './client-steps.ts'
import { textTo } from './outgoing-message.ts'
import { type SimulatorHarness, simulatorHarness } from './simulator-harness.ts'

const PHONE = '4915112345678'

let harness: SimulatorHarness
afterEach(async () => {
  await harness.end()
})

describe('a page that loads itself anew', () => {
  const paired = async () => {
    const client = harness.client('a')
    await pair(harness, client, PHONE)
    return client
  }

  test('is told of, and does not send again what has no ack', async () => {
    harness = await simulatorHarness({ noAck: true })
    const client = await paired()
    const said = record(client)
    const message = textTo('491701234567@c.us', 'once')
    await client.send(message)
    await arrivalsOf(harness, PHONE, 1)
    const reloaded = nextEvent(client, 'reloaded')
    await harness.post('/reload', { account: PHONE })
    await reloaded
    expect(await client.findOutcome(message.messageId, message.chatId)).toMatchObject({ found: 'pending' })
    await harness.setAcks(true)
    await client.send(textTo('491701234567@c.us', 'another'))
    expect((await arrivalsOf(harness, PHONE, 2)).map(({ body }) => body)).toEqual(['once', 'another'])
    expect(said.map(({ name }) => name)).not.toContain('fault')
  })

  test('goes on where everything has its ack', async () => {
    harness = await simulatorHarness({})
    const client = await paired()
    const said = record(client)
    const acked = nextEvent(client, 'ack')
    await client.send(textTo('491701234567@c.us', 'before'))
    await acked
    await harness.post('/reload', { account: PHONE })
    await waitFor('the page to come back', () => {
      const states = said.filter(({ name }) => name === 'connection').map(({ args }) => args[0])
      return states.includes(false) && states.at(-1) === true
    })
    await client.send(textTo('491701234567@c.us', 'after'))
    await arrivalsOf(harness, PHONE, 2)
    expect(said.map(({ name }) => name)).not.toContain('fault')
  })

  test('ends the session where it goes to its QR, whatever has no ack', async () => {
    harness = await simulatorHarness({ noAck: true })
    const client = await paired()
    const said = record(client)
    await client.send(textTo('491701234567@c.us', 'x'))
    const loggedOut = nextEvent(client, 'loggedOut')
    await harness.unlink(PHONE)
    await loggedOut
    expect(said.map(({ name }) => name)).not.toContain('fault')
    expect(said.map(({ name }) => name)).not.toContain('reloaded')
  })
})
