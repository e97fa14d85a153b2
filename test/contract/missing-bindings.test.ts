import { SENDING } from '@wsg/shared/sessions/engine.ts'
import { ClientFailed } from '@wsg/worker/src/whatsapp/client-errors.ts'
import { bindings, pageTasks } from '@wsg/worker/src/whatsapp/page/bindings.ts'
import {
  needsOf,
  type PageOperationName,
  pageOperations,
} from '@wsg/worker/src/whatsapp/page/operations/page-operations.ts'
import type { WhatsAppClient } from '@wsg/worker/src/whatsapp/whatsapp-client.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { waitFor } from '../support/wait-for.ts'
import { nextEvent, pair, record, restore } from './client-steps.ts'
import { textTo } from './outgoing-message.ts'
import { type SimulatorHarness, simulatorHarness } from './simulator-harness.ts'

const PHONE = '4915112345678'
const FRIEND = '491701234567'
const names = [...bindings.keys()]
const isFor = (task: keyof typeof pageTasks) => (name: string) =>
  (pageTasks[task].needs as readonly string[]).includes(name)
/** Who takes a thing away takes what is in it. */
const goneWith = (name: string) =>
  names.filter((one) => one.split(' or ').every((part) => part === name || part.startsWith(`${name}.`)))
const allOperations = Object.keys(pageOperations) as PageOperationName[]
/** Of an operation that is refused before it looks at it. */
const anyInput = {
  chatId: FRIEND,
  channelId: '120363041234567890@newsletter',
  contactId: FRIEND,
  id: 'true_1@c.us_A',
  limit: 1,
  state: 'paused',
} as never
const inMs = (ms: number) => Date.now() + ms

let harness: SimulatorHarness
let client: WhatsAppClient
let replyTo: string
let channel: string
let said: ReturnType<typeof record>
beforeAll(async () => {
  harness = await simulatorHarness({ build: '2026-09', syncDelayMs: 20, deliveredAckDelayMs: 0 })
  client = harness.client('a')
  said = record(client)
  await pair(harness, client, PHONE)
  replyTo = await harness.writeTo(PHONE, FRIEND, 'hello')
  const made = await harness.post('/channels', { owner: PHONE, name: 'News' })
  channel = (made as { channel: { id: string } }).channel.id
})
afterAll(async () => {
  await harness.end()
})

/** What the page of an open client says of itself once it was loaded without that. */
async function loadWithout(missing: string[]) {
  await harness.set({ missing })
  const engine = nextEvent(client, 'engine')
  await harness.post('/reload', { account: PHONE })
  return (await engine)[0]
}

const isTask = (concern: string) => concern in pageTasks
const ofOperations = names.filter((name) => !bindings.get(name)?.concerns.some(isTask))

test.each(names.filter((name) => !isFor('login')(name) && !ofOperations.includes(name)))(
  'without %s',
  async (name) => {
    const gone = goneWith(name)
    const engine = await loadWithout([name])
    expect(engine.missing.map((part) => part.name).toSorted()).toEqual(gone.toSorted())
    const concerns = new Set(engine.missing.flatMap((part) => part.concerns))
    expect(concerns.size).toBeGreaterThan(0)

    const message = textTo(`${FRIEND}@c.us`, name)
    if (concerns.has(SENDING)) await client.send(message).catch(() => {})
    else {
      await client.send(message)
      await waitFor('its ack', () =>
        said.some(({ name, args }) => name === 'ack' && args[0] === message.messageId),
      )
    }
    const answer = textTo(`${FRIEND}@c.us`, 'an answer', { replyTo })
    if (concerns.has('replying') && !concerns.has(SENDING))
      await expect(client.send(answer)).rejects.toMatchObject({ code: 'not_available_in_this_page' })
    const ofTasks = {
      'writing in a channel': textTo(channel, 'news'),
      'posting a status': textTo('status@broadcast', 'news'),
      'sending contacts by their ids': textTo(message.chatId, '', { cards: [{ id: message.chatId }] }),
      'links to calls': textTo(message.chatId, '', { callLink: { startTimeTs: 2e9, type: 'voice' } }),
    }
    for (const [task, special] of Object.entries(ofTasks))
      if (concerns.has(task) && !concerns.has(SENDING))
        await expect(client.send(special)).rejects.toMatchObject({
          code: 'not_available_in_this_page',
        })
    if (concerns.has('sending again after a crash'))
      await expect(client.send({ ...message, again: true })).rejects.toMatchObject({
        code: 'not_available_in_this_page',
      })
    const number = client.resolveNumber(`49170${Math.random().toString().slice(2, 9)}`)
    if (concerns.has('sending to a number'))
      await expect(number).rejects.toMatchObject({ code: 'not_available_in_this_page' })
    else expect(await number).toMatchObject({ chatId: expect.any(String) })

    const refused = expect.stringContaining(gone[0] as string)
    for (const operation of allOperations.filter((one) => concerns.has(one)))
      await expect(client.perform(operation, anyInput, inMs(5_000))).rejects.toMatchObject({
        code: 'not_available_in_this_page',
        message: refused,
      })
    if (!concerns.has('chat.get'))
      expect(await client.perform('chat.get', { chatId: FRIEND }, inMs(5_000))).toMatchObject({
        id: expect.any(String),
      })
  },
)

test('without all that only operations need, just those are refused, each by the name of what it lacks', async () => {
  await loadWithout(ofOperations.flatMap((name) => name.split(' or ')))
  await client.send(textTo(`${FRIEND}@c.us`, 'without what operations need'))
  for (const operation of allOperations) {
    const lacks = needsOf(operation).find((name) => ofOperations.includes(name))
    const answer = client.perform(operation, anyInput, inMs(5_000))
    if (lacks !== undefined)
      await expect(answer).rejects.toMatchObject({
        code: 'not_available_in_this_page',
        message: expect.stringContaining(lacks),
      })
    else await answer.catch(({ code }) => expect(code).not.toBe('not_available_in_this_page'))
  }
})

test.each(names.filter(isFor('login')))(
  'without %s there is no login, and the reason names it',
  async (name) => {
    const seen: string[] = []
    const without = harness.client('a')
    without.events.on('engine', ({ missing }) => seen.push(...missing.map((part) => part.name)))
    await client.close()
    await harness.set({ missing: [name] })
    const ended = nextEvent(without, 'fault').then(([fault]) => fault)
    const failed = without.open().then(
      () => ended,
      (error: ClientFailed) => error.fault,
    )
    expect(await failed).toMatchObject({ kind: 'page_unsupported', detail: expect.stringContaining(name) })
    expect(seen).toContain(name)
    ended.catch(() => {})
    // Its browser holds the profile until it is dead.
    await without.close()
  },
)

test.each(names.filter(isFor('pairing by QR')))(
  'without %s no code is shown, and the reason names it',
  async (name) => {
    await harness.set({ missing: [name] })
    const opening = harness.client(`unpaired-${name.replaceAll('.', '-')}`).open()
    await expect(opening).rejects.toBeInstanceOf(ClientFailed)
    await expect(opening).rejects.toMatchObject({
      fault: { kind: 'page_unsupported', detail: expect.stringContaining(name) },
    })
  },
)

test('a login that everything has come back to is restored', async () => {
  await harness.set({ missing: [] })
  await restore(harness.client('a'))
})
