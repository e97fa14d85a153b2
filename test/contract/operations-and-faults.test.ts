import { randomUUID } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { errorCatalogue } from '@wsg/shared/errors.ts'
import type { Reply } from '@wsg/shared/operations/job.ts'
import { changesSomething, type OperationName, operations } from '@wsg/shared/operations/operations.ts'
import { keys } from '@wsg/shared/redis/keys.ts'
import { addJob, takeReply } from '@wsg/shared/redis/session/jobs.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RigWorker, WorkerRig } from '../integration/worker/worker-rig.ts'
import type { BuildName } from '../simulator/builds.ts'
import { overload } from '../support/overload.ts'
import { newest } from '../support/tested-builds.ts'
import { waitFor } from '../support/wait-for.ts'
import { nextEvent } from './client-steps.ts'
import { type SimulatorHarness, simulatorHarness } from './simulator-harness.ts'

const PHONE = '5511911111111'
const MARIA = '5511999887766'
const CHAT = `${MARIA}@c.us`
const SESSION = 'sales'
/** How long a caller waits. */
const WITHIN_MS = 4_000
/** The server is as slow as this, so that the fault strikes while it is asked. */
const SLOW_MS = 2_000

const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAIAAAASFvFNAAAAEElEQVR4nGM4IScHQQxwFgBBAAYZPEVBlgAAAABJRU5ErkJggg=='

interface Fault {
  strike(): Promise<unknown>
  /** The server has done by then what it is asked: it is done, though nobody was told. */
  arrives: boolean
  /** The page holds what it asks until nobody waits for it any more: it is not done later. */
  isHeld?: true
}

const strikes = (path: string, how: { how?: string; arrives?: true }): Fault => ({
  strike: () => harness.post(path, { account: PHONE, ...how }),
  arrives: how.arrives === true,
})

/** How each fault begins. The next change of settings ends those that last, but for a freeze. */
const faults: Record<string, Fault> = {
  'a wedged page': strikes('/hang', { how: 'wedged' }),
  'a page that loads itself anew': strikes('/reload', {}),
  'a page that loads itself anew as the server has done what it was asked': strikes('/reload', {
    arrives: true,
  }),
  'a lost socket': strikes('/drop', {}),
  'an answer that is lost with the socket': strikes('/drop', { arrives: true }),
  'a socket that stays away': {
    arrives: false,
    isHeld: true,
    async strike() {
      await harness.set({ refusePages: true })
      await harness.dropConnection(PHONE)
    },
  },
  'a frozen page': strikes('/hang', { how: 'frozen' }),
}

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
  /** Whether it was done, as a caller finds out. */
  look?(ground: Ground): Promise<boolean>
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
    look: async ({ messageId }) => (await listed('message.reactions', { id: messageId })).length > 0,
  },
  'a new group': {
    name: 'group.create',
    input: ({ subject }) => ({ subject, participants: [CHAT] }),
    async times({ subject }) {
      const { groups } = (await harness.get('/groups')) as { groups: { subject: string }[] }
      return groups.filter((group) => group.subject === subject).length
    },
    look: async (ground) =>
      (await listed('group.list', {})).some(({ subject }) => subject === ground.subject),
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
let worker: RigWorker

async function start(build: BuildName): Promise<void> {
  harness = await simulatorHarness({ build })
  rig = await WorkerRig.start()
  worker = await startWorker()
  await rig.want(SESSION)
  await rig.untilView(SESSION, 'ready')
  // The first one takes longer.
  await waitFor('a usable page', async () => (await ask('profile.update', { about: 'Open' })).reply.ok)
}

async function startWorker(): Promise<RigWorker> {
  return await rig.startWorker({
    // What is tested is not the lease, which a machine that is busy does not always renew in time.
    settings: { leaseTtlMs: 60_000 },
    createClient: (sessionId) => {
      const client = harness.client(sessionId)
      void nextEvent(client, 'qr').then(
        ([qr]) => harness.scan(qr, PHONE),
        () => {},
      )
      return client
    },
  })
}

/** A page that was ended has ended its worker: another one takes the session, once that has rested. */
async function untilUsable(): Promise<void> {
  await waitFor('a usable page', async () => {
    if (worker.deaths.length > 0) {
      await worker.stop()
      worker = await startWorker()
    }
    if ((await rig.redis.exists(keys.lease(SESSION))) === 0) await rig.place(SESSION)
    return (await ask('profile.get', {})).reply.ok
  })
}

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

/** Asks as the gateway does, which gives its own answer where none has come in time. @returns the answer, and after how long */
async function ask(name: OperationName, input: object): Promise<{ reply: Reply; tookMs: number }> {
  const job = { id: randomUUID(), name, gatewayId: 'g1', input: operations[name].input.parse(input) }
  const began = performance.now()
  await addJob(rig.redis, SESSION, job, WITHIN_MS)
  for (;;) {
    const reply = await takeReply(rig.redis, job.id)
    const tookMs = performance.now() - began
    if (reply !== null) return { reply, tookMs }
    if (tookMs > WITHIN_MS)
      return {
        reply: { ok: false, code: changesSomething(name) ? 'not_confirmed' : 'worker_timeout' },
        tookMs,
      }
    await pause(20)
  }
}

/** What the worker answers with a list. */
async function listed(name: OperationName, input: object): Promise<{ subject?: string }[]> {
  const { reply } = await ask(name, input)
  if (!reply.ok) throw new Error(`${name}: ${reply.code}`)
  return (reply.output as { items: { subject?: string }[] }).items
}

/** What pages ask of the server and that has not arrived there. */
async function underWay(): Promise<string[]> {
  return ((await harness.get('/queries')) as { queries: string[] }).queries
}

describe.each(newest)('on the build %s', (build) => {
  beforeAll(() => start(build))
  afterAll(async () => {
    await rig.close()
    await harness.end()
  })

  describe.each(Object.entries(faults))('%s while an operation is carried out', (name, fault) => {
    const answers = new Map<string, Awaited<ReturnType<typeof ask>>>()
    /** What the server was asked before the fault. */
    const seen = new Set<string>()
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
      await waitFor(
        'the server to be asked',
        async () => {
          for (const query of await underWay()) seen.add(query)
          // A machine that stands still may let a caller's time pass before it is.
          return expected.every((query) => seen.has(query)) || answers.size === asked.length
        },
        { everyMs: 20 },
      )
      const struck = fault.strike()
      asked.push(...begin(({ isQuick }) => isQuick === true))
      await struck
      await Promise.all(asked)
      await harness.set({ queryDelayMs: 0, numberQueryDelayMs: 0, noAck: false, refusePages: false })
      // What was under way before the page answers this is over, or will never be done.
      await untilUsable()
      await waitFor('nothing to be under way', async () => (await underWay()).length === 0)
    })

    it.each(Object.keys(kinds))('%s is answered in time and truthfully, and not done twice', async (kind) => {
      const { name: operation, times, asks } = kinds[kind] as Kind
      const { reply, tookMs } = answers.get(kind) as Awaited<ReturnType<typeof ask>>
      expect(tookMs).toBeLessThan(WITHIN_MS * overload())
      const count = await times?.(ground)
      if (reply.ok || (fault.arrives && seen.has(asks ?? ''))) expect(count ?? 1).toBe(1)
      else if (fault.isHeld && asks !== undefined) expect(count ?? 0).toBe(0)
      if (reply.ok) return
      if (!changesSomething(operation)) expect(errorCatalogue[reply.code].retryable).toBe(true)
      // What may be asked again blindly was not done, or not even begun.
      else if (reply.code === 'session_not_ready') expect(count ?? 0).toBe(0)
      else if (errorCatalogue[reply.code].retryable) expect(reply.detail).toContain('Nothing was done')
      else expect(reply.code).toBe('not_confirmed')
      expect(count ?? 0).toBeLessThanOrEqual(reply.code === 'not_confirmed' ? 1 : 0)
    })

    it.each(Object.keys(kinds))(
      '%s is done once by a caller who goes on as the answer advises',
      async (kind) => {
        const { name: operation, input, times, look } = kinds[kind] as Kind
        let { reply } = answers.get(kind) as Awaited<ReturnType<typeof ask>>
        await waitFor('it to be done', async () => {
          if (reply.ok || (reply.code === 'not_confirmed' && (await look?.(ground)))) return true
          reply = (await ask(operation, input(ground))).reply
          return reply.ok
        })
        expect((await times?.(ground)) ?? 1).toBe(1)
      },
    )
  })

  it('no file is left over', async () => {
    expect(await readdir(harness.downloadsPath(SESSION))).toEqual([])
  })
})
