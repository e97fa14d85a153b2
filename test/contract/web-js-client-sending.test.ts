import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { overload } from '../support/overload.ts'
import { stopwatch } from '../support/stopwatch.ts'
import { oldestAndNewest } from '../support/tested-builds.ts'
import { waitFor } from '../support/wait-for.ts'
import { nextAck, record, restore } from './client-steps.ts'
import { newMessageId, textTo } from './outgoing-message.ts'
import { SharedProfile } from './shared-profile.ts'
import { type SimulatorHarness, simulatorHarness } from './simulator-harness.ts'

const PHONE = '4915112345678'
const NEVER_MS = 86_400_000

/** How LIDs occur, and a friend of whom they do. */
const LIDS = [
  ['unknown', '491701234561'],
  ['known', '491701234562'],
  ['sent-under-lid', '491701234563'],
  ['all-under-lid', '491701234564'],
] as const

describe.each(oldestAndNewest)('on the %s build', (build) => {
  let harness: SimulatorHarness
  let profile: SharedProfile
  /** To whom a test writes: what others wrote to is no matter of its own. */
  let friend: string
  let friends = 0
  beforeAll(async () => {
    harness = await simulatorHarness({
      build,
      lidByNumber: Object.fromEntries(LIDS.map(([lid, of]) => [of, lid])),
    })
    profile = new SharedProfile(harness, PHONE)
  })
  beforeEach(() => {
    friends += 1
    friend = `${491701000000 + friends}`
  })
  afterAll(async () => {
    await harness.end()
  })
  const arrivals = (count: number) => profile.arrivalsAt(friend, count)
  /** For this test alone. */
  const set = async (settings: Parameters<SimulatorHarness['set']>[0]) => {
    const before = (await harness.get('/settings')) as Record<string, unknown>
    onTestFinished(() =>
      harness.set(Object.fromEntries(Object.keys(settings).map((name) => [name, before[name]]))),
    )
    await harness.set(settings)
  }

  test('gives 50 messages in flight, with replies and link previews, each its own id', async () => {
    await set({ linkPreviewDelayMs: 20 })
    const client = await profile.open()
    const replyTo = await harness.writeTo(PHONE, friend, 'write to me')
    const said = record(client)
    const messages = Array.from({ length: 50 }, (_, index) =>
      textTo(`${friend}@c.us`, index % 3 === 0 ? `see https://example.com/${index}` : `text ${index}`, {
        ...(index % 2 === 0 && { replyTo }),
      }),
    )
    await Promise.all(
      messages.map(async (message) => {
        await client.fetchLinkPreview(message)
        await client.send(message)
      }),
    )
    const arrived = await arrivals(50)
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
    await client.showState(`${friend}@c.us`, 'typing')
    // Whether it shows itself available is up to whoever uses it.
    expect(await harness.presence(PHONE)).not.toContain(true)
  })

  test('gives up a link preview that takes long, or never comes, and sends the text without one', async () => {
    await set({ linkPreviewDelayMs: 8_000 })
    const client = await profile.open()
    const slow = textTo(`${friend}@c.us`, 'see https://example.com/slow')
    const silent = textTo(`${friend}@c.us`, 'see https://example.com/silent')
    const begun = performance.now()
    const fetched = [client.fetchLinkPreview(slow)]
    await client.probe()
    await harness.set({ linkPreviewDelayMs: NEVER_MS })
    fetched.push(client.fetchLinkPreview(silent))
    await Promise.all(fetched)
    expect(performance.now() - begun).toBeGreaterThan(4_900)
    await client.send(slow)
    await client.send(silent)
    expect((await arrivals(2)).map(({ body }) => body)).toEqual([slow.body, silent.body])
    expect(await harness.previewOf(slow.messageId)).toBeUndefined()
    expect(await harness.previewOf(silent.messageId)).toBeUndefined()
  })

  test('says at the deadline that a message is late which the page cannot get ready, and never sends it', async () => {
    await set({ chatNeedsLid: true, numberQueryDelayMs: 3_000 })
    const client = await profile.open()
    const tookMs = stopwatch()
    const late = textTo(`${friend}@c.us`, 'late', { deadline: Date.now() + 300 })
    await expect(client.send(late)).rejects.toMatchObject({ name: 'SendDeadlinePassed' })
    expect(tookMs()).toBeLessThan(2_700 * overload())
    // By then the page has what the first one waited for.
    await client.send(textTo(`${friend}1@c.us`, 'in time'))
    expect(await profile.arrivalsAt(`${friend}1`, 1)).toMatchObject([{ body: 'in time' }])
    expect(await arrivals(0)).toEqual([])
    expect(await client.findOutcome(late.messageId)).toEqual({ found: 'absent' })
  })

  test('sends, acks and finds again, in a later client too, however LIDs occur', async () => {
    const client = await profile.open()
    const sent: { lid: string; part: string; messageId: string }[] = []
    for (const [lid, number] of LIDS) {
      const chat = await client.resolveNumber(number)
      const message = textTo(chat?.chatId ?? '', 'hello')
      const acked = nextAck(client, message.messageId)
      const { messageId } = await client.send(message)
      expect(messageId, lid).toContain(message.messageId)
      expect(await acked, lid).toBe('sent')
      expect(await client.findOutcome(message.messageId), lid).toMatchObject({ found: 'acked', messageId })
      sent.push({ lid, part: message.messageId, messageId })
    }
    await client.close()
    const later = profile.nextClient()
    await restore(later)
    for (const { lid, part, messageId } of sent)
      expect(await later.findOutcome(part), lid).toMatchObject({ found: 'acked', messageId })
  })

  test('finds out after a killed browser what was acked, what is pending and what is not there', async () => {
    const first = await profile.open()
    const acked = textTo(`${friend}@c.us`, 'acked')
    const ack = nextAck(first, acked.messageId)
    await first.send(acked)
    await ack
    await set({ noAck: true })
    const pending = textTo(`${friend}@c.us`, 'pending')
    await first.send(pending)
    await arrivals(2)
    process.kill(-(harness.browserPid(profile.name) ?? Number.NaN), 'SIGKILL')
    await first.close()

    const second = profile.nextClient()
    await restore(second)
    expect(await second.findOutcome(acked.messageId)).toMatchObject({ found: 'acked' })
    expect(await second.findOutcome(pending.messageId)).toMatchObject({ found: 'pending' })
    expect(await second.findOutcome(newMessageId())).toEqual({ found: 'absent' })
  })

  test('teaches the page a LID that making the chat needs', async () => {
    await set({ chatNeedsLid: true, unregistered: ['491709999999'] })
    const client = await profile.open()
    await client.send(textTo(`${friend}@c.us`, 'hello'))
    await arrivals(1)
    await expect(client.send(textTo('491709999999@c.us', 'hello'))).rejects.toMatchObject({
      name: 'NotHandedOver',
      code: 'recipient_not_on_whatsapp',
    })
  })

  test("settles Brazil's extra digit by asking the server", async () => {
    const client = await profile.open()
    const [withDigit, without] = await Promise.all([
      client.resolveNumber('5531988887777'),
      client.resolveNumber('553188887777'),
    ])
    expect(withDigit?.chatId).toBeDefined()
    expect(withDigit).toEqual(without)
  })

  test('does not say that a message was not sent when the browser dies under it', async () => {
    await set({ chatNeedsLid: true, numberQueryDelayMs: 5_000 })
    const client = await profile.open()
    const sending = client.send(textTo(`${friend}@c.us`, 'hello'))
    const outcome = expect(sending).rejects.toMatchObject({ name: 'PageGone' })
    await waitFor('the page to have the message, and to look up its number', async () => {
      const { queries } = (await harness.get('/queries')) as { queries: string[] }
      return queries.length > 0
    })
    process.kill(-(harness.browserPid(profile.name) ?? Number.NaN), 'SIGKILL')
    await outcome
  })
})
