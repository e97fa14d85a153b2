import { afterEach, describe, expect, test } from 'vitest'
import { overload } from '../support/overload.ts'
import { stopwatch } from '../support/stopwatch.ts'
import { oldestAndNewest } from '../support/tested-builds.ts'
import { waitFor } from '../support/wait-for.ts'
import { arrivalsOf, nextEvent, pair, record, restore } from './client-steps.ts'
import { newMessageId, textTo } from './outgoing-message.ts'
import { type SimulatorHarness, simulatorHarness } from './simulator-harness.ts'

const PHONE = '4915112345678'
const FRIEND = '491701234567'
const NEVER_MS = 86_400_000

let harness: SimulatorHarness
afterEach(async () => {
  await harness.end()
})

describe.each(oldestAndNewest)('on the %s build', (build) => {
  test('gives 50 messages in flight, with replies and link previews, each its own id', async () => {
    harness = await simulatorHarness({ build, linkPreviewDelayMs: 20 })
    const client = harness.client('a')
    await pair(harness, client, PHONE)
    const replyTo = await harness.writeTo(PHONE, FRIEND, 'write to me')
    const said = record(client)
    const messages = Array.from({ length: 50 }, (_, index) =>
      textTo(`${FRIEND}@c.us`, index % 3 === 0 ? `see https://example.com/${index}` : `text ${index}`, {
        ...(index % 2 === 0 && { replyTo }),
      }),
    )
    await Promise.all(
      messages.map(async (message) => {
        await client.fetchLinkPreview(message)
        await client.send(message)
      }),
    )
    const arrived = await arrivalsOf(harness, PHONE, 50)
    expect(new Map(arrived.map(({ id, body }) => [id, body]))).toEqual(
      new Map(messages.map(({ messageId, body }) => [messageId, body])),
    )
    expect(arrived).toHaveLength(50)
    const previews = await Promise.all(messages.map(({ messageId }) => harness.previewOf(messageId)))
    expect(previews).toEqual(
      messages.map(({ body }) => (body.startsWith('see') ? 'Title of example.com' : undefined)),
    )
    await waitFor('an ack for each', () => {
      const acked = said
        .filter(({ name, args }) => name === 'ack' && args[1] === 'sent')
        .map(({ args }) => args[0])
      return messages.every(({ messageId }) => acked.includes(messageId))
    })
    await client.showState(`${FRIEND}@c.us`, 'typing')
    // Whether it shows itself available is up to whoever uses it.
    expect(await harness.presence(PHONE)).not.toContain(true)
  })

  test('gives up a link preview that takes long, or never comes, and sends the text without one', async () => {
    harness = await simulatorHarness({ build, linkPreviewDelayMs: 8_000 })
    const client = harness.client('a')
    await pair(harness, client, PHONE)
    const slow = textTo(`${FRIEND}@c.us`, 'see https://example.com/slow')
    const silent = textTo(`${FRIEND}@c.us`, 'see https://example.com/silent')
    const begun = performance.now()
    const fetched = [client.fetchLinkPreview(slow)]
    await client.probe()
    await harness.set({ linkPreviewDelayMs: NEVER_MS })
    fetched.push(client.fetchLinkPreview(silent))
    await Promise.all(fetched)
    expect(performance.now() - begun).toBeGreaterThan(4_900)
    await client.send(slow)
    await client.send(silent)
    expect((await arrivalsOf(harness, PHONE, 2)).map(({ body }) => body)).toEqual([slow.body, silent.body])
    expect(await harness.previewOf(slow.messageId)).toBeUndefined()
    expect(await harness.previewOf(silent.messageId)).toBeUndefined()
  })

  test('says at the deadline that a message is late which the page cannot get ready, and never sends it', async () => {
    harness = await simulatorHarness({ build, chatNeedsLid: true, numberQueryDelayMs: 3_000 })
    const client = harness.client('a')
    await pair(harness, client, PHONE)
    const tookMs = stopwatch()
    const late = textTo(`${FRIEND}@c.us`, 'late', { deadline: Date.now() + 300 })
    await expect(client.send(late)).rejects.toMatchObject({ name: 'SendDeadlinePassed' })
    expect(tookMs()).toBeLessThan(2_700 * overload())
    // By then the page has what the first one waited for.
    await client.send(textTo(`${FRIEND}1@c.us`, 'in time'))
    expect((await arrivalsOf(harness, PHONE, 1)).map(({ body }) => body)).toEqual(['in time'])
    expect(await client.findOutcome(late.messageId)).toEqual({ found: 'absent' })
  })

  test.each(['unknown', 'known', 'sent-under-lid', 'all-under-lid'] as const)(
    'sends, acks and finds again where LIDs are %s',
    async (lid) => {
      harness = await simulatorHarness({ build, lid })
      const first = harness.client('a')
      await pair(harness, first, PHONE)
      const chat = await first.resolveNumber(FRIEND)
      const message = textTo(chat?.chatId ?? '', 'hello')
      const acked = nextEvent(first, 'ack')
      const { messageId } = await first.send(message)
      expect(messageId).toContain(message.messageId)
      expect(await acked).toEqual([message.messageId, 'sent'])
      expect(await first.findOutcome(message.messageId)).toMatchObject({ found: 'acked', messageId })
      await first.close()
      const second = harness.client('a')
      await restore(second)
      expect(await second.findOutcome(message.messageId)).toMatchObject({ found: 'acked', messageId })
    },
  )

  test('finds out after a killed browser what was acked, what is pending and what is not there', async () => {
    harness = await simulatorHarness({ build })
    const first = harness.client('a')
    await pair(harness, first, PHONE)
    const acked = textTo(`${FRIEND}@c.us`, 'acked')
    const ack = nextEvent(first, 'ack')
    await first.send(acked)
    await ack
    await harness.setAcks(false)
    const pending = textTo(`${FRIEND}@c.us`, 'pending')
    await first.send(pending)
    await arrivalsOf(harness, PHONE, 2)
    process.kill(-(harness.browserPid('a') ?? Number.NaN), 'SIGKILL')
    await first.close()

    const second = harness.client('a')
    await restore(second)
    expect(await second.findOutcome(acked.messageId)).toMatchObject({ found: 'acked' })
    expect(await second.findOutcome(pending.messageId)).toMatchObject({ found: 'pending' })
    expect(await second.findOutcome(newMessageId())).toEqual({ found: 'absent' })
  })
})

test('teaches the page a LID that making the chat needs', async () => {
  harness = await simulatorHarness({ chatNeedsLid: true, unregistered: ['491709999999'] })
  const client = harness.client('a')
  await pair(harness, client, PHONE)
  await client.send(textTo(`${FRIEND}@c.us`, 'hello'))
  await arrivalsOf(harness, PHONE, 1)
  await expect(client.send(textTo('491709999999@c.us', 'hello'))).rejects.toMatchObject({
    name: 'NotHandedOver',
    code: 'recipient_not_on_whatsapp',
  })
})

test("settles Brazil's extra digit by asking the server", async () => {
  harness = await simulatorHarness({})
  const client = harness.client('a')
  await pair(harness, client, PHONE)
  const [withDigit, without] = await Promise.all([
    client.resolveNumber('5531988887777'),
    client.resolveNumber('553188887777'),
  ])
  expect(withDigit?.chatId).toBeDefined()
  expect(withDigit).toEqual(without)
})

test('does not say that a message was not sent when the browser dies under it', async () => {
  harness = await simulatorHarness({ chatNeedsLid: true, numberQueryDelayMs: 5_000 })
  const client = harness.client('a')
  await pair(harness, client, PHONE)
  const sending = client.send(textTo(`${FRIEND}@c.us`, 'hello'))
  const outcome = expect(sending).rejects.toMatchObject({ name: 'PageGone' })
  await waitFor('the page to have the message, and to look up its number', async () => {
    const { queries } = (await harness.get('/queries')) as { queries: string[] }
    return queries.length > 0
  })
  process.kill(-(harness.browserPid('a') ?? Number.NaN), 'SIGKILL')
  await outcome
})
