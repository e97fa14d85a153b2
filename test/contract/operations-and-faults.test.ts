import { randomUUID } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { errorCatalogue } from '@wsg/shared/errors.ts'
import type { Reply } from '@wsg/shared/operations/job.ts'
import { changesSomething, type OperationName, operations } from '@wsg/shared/operations/operations.ts'
import { addJob, takeReply } from '@wsg/shared/redis/session/jobs.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WorkerRig } from '../integration/worker/worker-rig.ts'
import { overload } from '../support/overload.ts'
import { waitFor } from '../support/wait-for.ts'
import { nextEvent } from './client-steps.ts'
import { type SimulatorHarness, simulatorHarness } from './simulator-harness.ts'

const PHONE = '5511911111111'
const MARIA = '5511999887766'
const CHAT = `${MARIA}@c.us`
const SESSION = 'sales'
/** How long a caller waits. */
const WITHIN_MS = 3_500
/** The server is as slow as this, so that the fault strikes while it is asked. */
const SLOW_MS = 2_000

const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAIAAAASFvFNAAAAEElEQVR4nGM4IScHQQxwFgBBAAYZPEVBlgAAAABJRU5ErkJggg=='

/** How each fault begins. The next change of settings ends a wedge; a page that is frozen never becomes usable again. */
const faults = {
  'a wedged page': { strike: () => harness.post('/hang', { account: PHONE, how: 'wedged' }) },
  'a page that loads itself anew': { strike: () => harness.post('/reload', { account: PHONE }) },
  'a lost socket': { strike: () => harness.dropConnection(PHONE) },
  'a frozen page': { strike: () => harness.post('/hang', { account: PHONE, how: 'frozen' }), isLast: true },
}
type Fault = keyof typeof faults

/** What one fault is tried on. Everything in it is new, so that what an earlier one did is not counted. */
interface Ground {
  digit: number
  messageId: string
  upload: string
  subject: string
}

interface Kind {
  name: OperationName
  input(ground: Ground): object
  /** How often it was done, as the server has it; absent where it only reads, or where twice is the same as once. */
  times?(ground: Ground): Promise<number>
  /** What the page asks the server meanwhile. */
  asks?: string
  /** True where it would be over before the fault strikes: it is begun with that. */
  isQuick?: true
}

const kinds: Record<string, Kind> = {
  'a list': { name: 'chat.list', input: () => ({}), isQuick: true },
  'a change in the page': { name: 'chat.pin', input: () => ({ chatId: CHAT }), isQuick: true },
  'a change that the server hears of': {
    name: 'chat.archive',
    isQuick: true,
    input: ({ digit }) => ({ chatId: friend(digit) }),
  },
  'a reaction': {
    name: 'message.react',
    input: ({ messageId }) => ({ id: messageId, emoji: '👍' }),
    times: async ({ messageId }) => (await harness.addOns(messageId.split('_')[2] ?? '')).length,
  },
  'a new group': {
    name: 'group.create',
    input: ({ subject }) => ({ subject, participants: [CHAT] }),
    async times({ subject }) {
      const { groups } = (await harness.get('/groups')) as { groups: { subject: string }[] }
      return groups.filter((group) => group.subject === subject).length
    },
    asks: 'group.create',
  },
  'a number that is checked': {
    name: 'number.check',
    input: ({ digit }) => ({ phone: `491511234100${digit}` }),
    asks: 'number.exists',
  },
  'a file in': { name: 'profile.set-picture', input: ({ upload }) => ({ media: { upload } }) },
  'a file out': { name: 'message.media', input: ({ messageId }) => ({ id: messageId }), isQuick: true },
  'a change of the account': {
    name: 'profile.update',
    input: ({ subject }) => ({ about: subject }),
    asks: 'profile.about',
  },
}

const friend = (digit: number) => `551199988770${digit}`

let harness: SimulatorHarness
let rig: WorkerRig

beforeAll(async () => {
  harness = await simulatorHarness({})
  rig = await WorkerRig.start()
  await rig.startWorker({
    createClient: (sessionId) => {
      const client = harness.client(sessionId)
      void nextEvent(client, 'qr').then(
        ([qr]) => harness.scan(qr, PHONE),
        () => {},
      )
      return client
    },
  })
  await rig.want(SESSION)
  await rig.untilView(SESSION, 'ready')
  // The first one takes longer.
  await waitFor('a usable page', async () => (await ask('profile.update', { about: 'Open' })).reply.ok)
})
afterAll(async () => {
  await rig.close()
  await harness.end()
})

async function newGround(digit: number): Promise<Ground> {
  await harness.writeTo(PHONE, friend(digit), 'Oi')
  const media = { mimetype: 'image/png', data: PNG }
  const messageId = await harness.writeContent({ account: PHONE }, MARIA, { media })
  const bytes = [Buffer.from(PNG, 'base64')]
  const { id } = await harness.store.put(Readable.from(bytes), {
    maxBytes: 1_000_000,
    untilMs: Date.now() + 60_000,
  })
  return { digit, messageId, upload: id, subject: `Team ${digit}` }
}

/** Asks as the gateway does. @returns what the worker answered, and after how long */
async function ask(name: OperationName, input: object): Promise<{ reply: Reply; tookMs: number }> {
  const job = { id: randomUUID(), name, gatewayId: 'g1', input: operations[name].input.parse(input) }
  const began = performance.now()
  await addJob(rig.redis, SESSION, job, WITHIN_MS)
  const reply = await waitFor(`the reply to ${name}`, () => takeReply(rig.redis, job.id))
  return { reply, tookMs: performance.now() - began }
}

/** What pages ask of the server and that has not arrived there. */
async function underWay(): Promise<string[]> {
  return ((await harness.get('/queries')) as { queries: string[] }).queries
}

describe.each(Object.keys(faults) as Fault[])('%s while an operation is carried out', (name) => {
  const fault: { strike(): Promise<unknown>; isLast?: boolean } = faults[name]
  const answers = new Map<string, Awaited<ReturnType<typeof ask>>>()
  let ground: Ground

  beforeAll(async () => {
    ground = await newGround(Object.keys(faults).indexOf(name))
    await harness.set({ queryDelayMs: SLOW_MS, numberQueryDelayMs: SLOW_MS, noAck: true })
    const begin = (wanted: (kind: Kind) => boolean) =>
      Object.entries(kinds)
        .filter(([, kind]) => wanted(kind))
        .map(async ([kind, { name, input }]) => void answers.set(kind, await ask(name, input(ground))))
    const asked = begin(({ isQuick }) => !isQuick)
    const expected = Object.values(kinds).flatMap(({ asks = [] }) => asks)
    const seen = new Set<string>()
    await waitFor(
      'the server to be asked',
      async () => {
        for (const query of await underWay()) seen.add(query)
        return expected.every((query) => seen.has(query))
      },
      { everyMs: 20 },
    )
    const struck = fault.strike()
    asked.push(...begin(({ isQuick }) => isQuick === true))
    await struck
    await Promise.all(asked)
    await harness.set({ queryDelayMs: 0, numberQueryDelayMs: 0, noAck: false })
    if (fault.isLast) return
    // What was under way before the page answers this is over, or will never be done.
    await waitFor('a usable page', async () => (await ask('profile.get', {})).reply.ok)
    await waitFor('nothing to be under way', async () => (await underWay()).length === 0)
  })

  it.each(Object.keys(kinds))('%s is answered in time and truthfully, and not done twice', async (kind) => {
    const { name: operation, times } = kinds[kind] as Kind
    const { reply, tookMs } = answers.get(kind) as Awaited<ReturnType<typeof ask>>
    expect(tookMs).toBeLessThan(WITHIN_MS * overload())
    const count = await times?.(ground)
    if (reply.ok) expect(count ?? 1).toBe(1)
    else if (!changesSomething(operation)) expect(errorCatalogue[reply.code].retryable).toBe(true)
    // What may be asked again blindly was not done.
    else if (errorCatalogue[reply.code].retryable) expect(reply.detail).toContain('Nothing was done')
    else expect(reply.code).toBe('not_confirmed')
    expect(count ?? 0).toBeLessThanOrEqual(reply.ok || reply.code === 'not_confirmed' ? 1 : 0)
  })
})

it('no file is left over', async () => {
  expect(await readdir(harness.downloadsPath(SESSION))).toEqual([])
})
