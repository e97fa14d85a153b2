/**
 * How long a session is away when its owner goes: plain worker processes of one host, a real Chromium each, the
 * simulator for WhatsApp. Prints median and worst of each kind, from the moment of the fault to `ready` and to the
 * first acked send, and whether the budget holds. `--count 20` for each kind, `--only killed,chromium` for some kinds.
 */
import { parseArgs } from 'node:util'
import { keys } from '@wsg/shared/redis/keys.ts'
import { Fleet, type FleetWorker } from '../support/fleet.ts'
import { rendererOn } from '../support/processes.ts'
import { waitFor } from '../support/wait-for.ts'
import { loadNow, median, seconds } from './figures.ts'

const SESSION = 'sales'
const PHONE = '5511911111111'
const CUSTOMER = '5511999887766'
const CERTAIN_MS = 3_000
const BY_LEASE_MS = 15_000
const SENT = ['sent', 'delivered', 'read']
const POLL = { everyMs: 10, timeoutMs: 60_000 }

interface Kind {
  name: string
  what: string
  budgetMs: number
  /** Whether an idle worker stands by. */
  reserve: boolean
  /** Called with the owner; time counts from when it is called. */
  fault(fleet: Fleet, owner: FleetWorker): Promise<void> | void
}

const kinds: Kind[] = [
  {
    name: 'killed',
    what: 'worker killed, an idle one stands by',
    budgetMs: CERTAIN_MS,
    reserve: true,
    fault: (_, owner) => owner.kill(),
  },
  {
    name: 'killed-alone',
    what: 'worker killed, none idle, a new one is started',
    budgetMs: CERTAIN_MS,
    reserve: false,
    fault: (fleet, owner) => {
      owner.kill()
      fleet.spawnWorker()
    },
  },
  {
    name: 'lost',
    what: 'worker killed, and nobody can prove it (as on another host): its lease runs out',
    budgetMs: BY_LEASE_MS,
    reserve: true,
    fault: async (fleet, owner) => {
      await fleet.forgetLockOf(owner)
      owner.kill()
    },
  },
  {
    name: 'paused',
    what: 'worker paused until another has the lease, then woken',
    budgetMs: BY_LEASE_MS,
    reserve: true,
    fault: async (fleet, owner) => {
      const before = await fleet.redis.get(keys.lease(SESSION))
      owner.kill('SIGSTOP')
      await waitFor(
        'another owner',
        async () => ![null, before].includes(await fleet.redis.get(keys.lease(SESSION))),
        POLL,
      )
      owner.kill('SIGCONT')
    },
  },
  {
    name: 'chromium',
    what: 'Chromium killed',
    budgetMs: CERTAIN_MS,
    reserve: true,
    fault: (fleet) => void process.kill(fleet.browserOf(SESSION).pid, 'SIGKILL'),
  },
  {
    name: 'renderer',
    what: 'renderer killed',
    budgetMs: CERTAIN_MS,
    reserve: true,
    fault: (fleet) => void process.kill(rendererOn(fleet.profilePath(SESSION))?.pid ?? Number.NaN, 'SIGKILL'),
  },
  {
    name: 'stopped',
    what: 'worker asked to end (SIGTERM)',
    budgetMs: CERTAIN_MS,
    reserve: true,
    fault: (_, owner) => owner.kill('SIGTERM'),
  },
]

const { values } = parseArgs({
  options: { count: { type: 'string', default: '20' }, only: { type: 'string' } },
})
const wanted = kinds.filter(({ name }) => values.only?.split(',').includes(name) ?? true)
const fleet = await Fleet.start()
try {
  await fleet.startWorker()
  await fleet.pair(SESSION, PHONE)
  let allHold = true
  for (const kind of wanted) allHold = (await measure(kind, Number(values.count))) && allHold
  process.exitCode = allHold ? 0 : 1
} finally {
  await fleet.close()
}

/** @returns whether the budget holds */
async function measure(kind: Kind, count: number): Promise<boolean> {
  const ready: number[] = []
  const acked: number[] = []
  for (let n = 0; n < count; n++) {
    const owner = await prepare(kind.reserve)
    const before = await fleet.redis.get(keys.lease(SESSION))
    const since = performance.now()
    const over = kind.fault(fleet, owner)
    const send = firstAck(since)
    ready.push(await untilReady(before, since))
    acked.push(await send)
    await over
    await owner.ended()
  }
  const holds = Math.max(...ready) <= kind.budgetMs
  console.log(
    `${kind.name.padEnd(13)} ready: median ${seconds(median(ready))}, worst ${seconds(Math.max(...ready))}` +
      ` · first ack: median ${seconds(median(acked))}, worst ${seconds(Math.max(...acked))}` +
      ` · budget ${seconds(kind.budgetMs)} ${holds ? 'holds' : 'IS MISSED'}` +
      ` · ${count} ×, load ${loadNow()} · ${kind.what}`,
  )
  return holds
}

/** The session ready, with one idle worker or none. @returns its owner */
async function prepare(reserve: boolean): Promise<FleetWorker> {
  // Many faults in a row are a crash loop, and rest longer each time. An owner knows of those before it from its start.
  if ((await fleet.redis.hdel(keys.session(SESSION), 'failures')) > 0) {
    const before = await fleet.redis.get(keys.lease(SESSION))
    if (fleet.living().length < 2) await fleet.startWorker()
    await fleet.workerOf(SESSION).stop()
    await untilReady(before, performance.now())
  }
  const owner = fleet.workerOf(SESSION)
  if (reserve && fleet.living().length < 2) await fleet.startWorker()
  if (!reserve) await Promise.all(fleet.living().map((worker) => worker !== owner && worker.stop()))
  await fleet.untilIdle(reserve ? 1 : 0)
  return owner
}

/** The lease first: its change and `ready` under the old one must not be taken for one answer. */
async function untilReady(before: string | null, since: number): Promise<number> {
  await waitFor(
    'the session to be back',
    async () => {
      const lease = await fleet.redis.get(keys.lease(SESSION))
      if (lease === null || lease === before) return false
      return (await fleet.api.get('/status', SESSION)).body.status === 'ready'
    },
    POLL,
  )
  return performance.now() - since
}

async function firstAck(since: number): Promise<number> {
  const { body } = await fleet.api.post(
    '/send',
    SESSION,
    { to: CUSTOMER, message: 'sent while its owner was going' },
    { prefer: 'respond-async' },
  )
  await waitFor(
    'the message to be acked',
    async () => {
      const record = await fleet.api.get(`/messages/${body.id}`, SESSION)
      return SENT.includes(String(record.body.status))
    },
    POLL,
  )
  return performance.now() - since
}
