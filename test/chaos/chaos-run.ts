import { eventNames } from '@wsg/shared/events/events.ts'
import { isSettled } from '@wsg/shared/messages/message-lifecycle.ts'
import { fromHash } from '@wsg/shared/messages/message-record.ts'
import { keys } from '@wsg/shared/redis/keys.ts'
import { desireSession } from '@wsg/shared/redis/session/desired-state.ts'
import { figures, takeovers } from '@wsg/shared/redis/worker/fleet-figures.ts'
import { historyEvents } from '@wsg/shared/sessions/session-history.ts'
import type { BuildName } from '../simulator/builds.ts'
import type { LedgerEntry } from '../simulator/server/ledger.ts'
import type { LoggedMessage } from '../simulator/server/message-log.ts'
import { ApiClient } from '../support/api-client.ts'
import { Fleet } from '../support/fleet.ts'
import { GatewayProcess } from '../support/gateway-process.ts'
import { waitFor } from '../support/wait-for.ts'
import { type AnsweredMessage, ChatSender } from './chat-sender.ts'
import { compare, type Findings, type Outcome } from './compare.ts'
import { compareEvents, type EventFindings } from './compare-events.ts'
import { EventWatch, type Moods } from './event-watch.ts'
import { MessageMix, markOf } from './message-mix.ts'
import { Others } from './others.ts'
import { Random } from './random.ts'
import { type Kill, Reaper } from './reaper.ts'
import { Turnstile } from './turnstile.ts'

const CHATS_OF_A_SESSION = 6
/** A number to which WhatsApp lets no account begin a chat (463). */
const STRANGER = '5511000000463'
/** Who has not been told of something by then will not be. */
const ROUNDS_AT_MOST = 3
/** Long enough that most kills meet a message whose ack has not come. */
const ACK_AFTER_MS = 60

export interface ChaosOptions {
  messages: number
  /** How many things happen to the sessions from outside meanwhile: others write to them, and all else of `happenings.ts`. */
  happenings: number
  kills: number
  sessions: number
  seed: number
  /** The newest where absent. */
  build?: BuildName
  withRedis: boolean
  /** Whether messages are of every common kind, and not only texts. */
  isMixed: boolean
  /** How the receivers of webhooks behave. */
  moods: Moods
  /** Told of each step that takes long, and of how far the killing is every few kills. */
  onProgress?(what: string): void
}

export interface ChaosResult extends Findings {
  events: EventFindings
  answered: number
  kills: readonly Kill[]
  /** How often each answer came: a status, `replayed` or `broken` (no answer). */
  tally: Record<string, number>
  /** What happened to the sessions, by how often. */
  happened: Record<string, number>
  /** The state of each session after the last of these kills. */
  ended: string[]
}

/** Messages of many chats, both ways, under random kills of workers, browsers, renderers and gateways, and of Redis where asked. */
export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const random = new Random(options.seed)
  const { messages, withRedis, isMixed, moods, build, onProgress = () => {} } = options
  const sessions = Array.from({ length: options.sessions }, (_, n) => `chaos-${n + 1}`)
  const switches = sessions.map((_, n) => [phoneOf(n), { nacks: { [STRANGER]: 463 } }])
  const simulator = {
    ...{ dedupe: false, serverAckDelayMs: ACK_AFTER_MS, accounts: Object.fromEntries(switches) },
    ...(build && { build }),
  }
  const fleet = await Fleet.start({ simulator })
  const gateways: GatewayProcess[] = []
  let reaper: Reaper | null = null
  let watch: EventWatch | null = null
  const mix = isMixed ? await MessageMix.start() : null
  try {
    const env = {
      ...{ REDIS_URL: fleet.server.url, API_TOKEN: fleet.api.token },
      ...{ DATA_DIR: fleet.dataDir, MEDIA_ALLOW: '127.0.0.1/32' },
    }
    for (let n = 0; n < 2; n++) gateways.push(await GatewayProcess.start(env))
    const clients = gateways.map(({ address }) => new ApiClient(address, fleet.api.token))
    watch = new EventWatch({ api: fleet.api, gateways: clients, random, moods })
    // Each session is known before a worker is there, so that nothing is told before its webhook is set up.
    for (const sessionId of sessions)
      await desireSession(fleet.redis, { sessionId, wish: 'create', maxUnpaired: sessions.length })
    await watch.start(sessions)
    reaper = new Reaper({ fleet, gateways, sessions, workers: sessions.length + 1, withRedis, random })
    for (const [n, session] of sessions.entries()) await fleet.pair(session, phoneOf(n))
    onProgress('all sessions are paired')
    const senders = sessions.flatMap((session, n) =>
      Array.from({ length: CHATS_OF_A_SESSION }, (_, chat) => {
        return new ChatSender({ session, to: recipientOf(n, chat) }, clients, random, mix)
      }),
    )
    const accounts = sessions.map((session, n) => {
      const peers = Array.from({ length: CHATS_OF_A_SESSION }, (_, chat) => recipientOf(n, chat))
      return { session, phone: phoneOf(n), peers }
    })
    const others = new Others(fleet.simulator, fleet.api, accounts)
    await others.start()
    const turnstile = new Turnstile(messages)
    const sending = Promise.all([
      ...senders.map((sender) => sender.run(turnstile)),
      others.run(turnstile, { count: options.happenings, sends: messages }),
      takeReceiversAway(turnstile, watch, options),
    ])
    const killing = reaper.run(turnstile, messages, {
      ...{ count: options.kills, onProgress: (kills: number) => onProgress(`${kills} kills`) },
    })
    await Promise.all([killing, sending])
    onProgress('all messages are answered')
    await restrict(fleet, sessions)

    const answered = senders.flatMap((sender) => sender.answered)
    await untilSettled(fleet, answered)
    onProgress('every message has an outcome')
    const kills = [...reaper.kills]
    const ended = await untilReady(fleet, sessions)
    onProgress('every session is ready again')
    await untilAllTold(watch, others)
    if (!ended.includes('failed')) await replaceOwners(fleet, reaper, sessions)
    const outcomes = await untilSettled(fleet, answered)
    onProgress('every owner was replaced; the last events are waited for')
    await watch.untilDelivered(sessions)
    return {
      events: compareEvents(watch.logs(), others.expected, { answered, outcomes }),
      ...compare(answered, outcomes, await ledgerOf(fleet), kills),
      answered: answered.length,
      kills,
      tally: sum(senders.map(({ tally }) => tally)),
      happened: await happenedIn(fleet),
      ended,
    }
  } finally {
    await reaper?.stop()
    await watch?.close()
    mix?.close()
    for (const gateway of gateways) await gateway.end('SIGTERM')
    await fleet.close()
  }
}

/** The phone of the session of that number. */
function phoneOf(n: number): string {
  return `5511911111${String(n + 1).padStart(3, '0')}`
}

function recipientOf(n: number, chat: number): string {
  return `55119998${String(n + 1).padStart(2, '0')}00${chat + 1}`
}

/** For a tenth of the run the receivers of the sessions' webhooks are not there. */
async function takeReceiversAway(
  turnstile: Turnstile,
  watch: EventWatch,
  { messages, moods }: ChaosOptions,
): Promise<void> {
  if (moods.hangs === 0) return
  await turnstile.until(messages * 0.4)
  watch.setAway(true)
  await turnstile.until(messages * 0.5)
  watch.setAway(false)
}

/** Each account begins a chat that WhatsApp does not let it begin, which restricts it. */
async function restrict({ api }: Fleet, sessions: readonly string[]): Promise<void> {
  const headers = { prefer: 'respond-async', 'idempotency-key': 'to-a-stranger' }
  for (const session of sessions) {
    // The gateway may not be back from the last death of Redis.
    const { status, text } = await waitFor('an answer', async () => {
      const answer = await api.post('/send', session, { to: STRANGER, message: 'Hello' }, headers)
      return answer.status !== 503 && answer
    })
    if (status !== 202) throw new Error(`it was not taken: ${status} ${text}`)
  }
}

/** What is told only to whom is there may have been told to nobody, in a small run above all: it happens again, now that nothing is killed. */
async function untilAllTold(watch: EventWatch, others: Others): Promise<void> {
  const isToldAll = () => {
    const told = new Set(watch.logs().flatMap(({ events }) => events.map(({ event }) => event)))
    return eventNames.every((name) => told.has(name))
  }
  for (let n = 0; n < ROUNDS_AT_MOST && !isToldAll(); n++) {
    await others.once()
    await waitFor('the rest to be told', isToldAll, { timeoutMs: 5_000 }).catch(() => {})
  }
}

/** Waits until every outcome is decided. @returns what there is of records, by id */
async function untilSettled(
  fleet: Fleet,
  answered: readonly AnsweredMessage[],
): Promise<Map<string, Outcome>> {
  return await waitFor(
    'every message to have an outcome',
    async () => {
      const outcomes = await outcomesOf(fleet, answered)
      const open = answered.filter(({ id }) => !isSettled(outcomes.get(id)?.state ?? 'sent'))
      if (open.length === 0) return outcomes
      const sessions = new Set(open.map(({ session }) => session))
      const answers = await Promise.all([...sessions].map((session) => fleet.api.get('/status', session)))
      throw new Error(`${open.length} have none; ${answers.map(({ text }) => text).join(' ')}`)
    },
    { timeoutMs: 120_000, everyMs: 500 },
  )
}

async function outcomesOf(fleet: Fleet, answered: readonly AnsweredMessage[]): Promise<Map<string, Outcome>> {
  const pipeline = fleet.redis.pipeline()
  for (const { session, id } of answered) pipeline.hgetall(keys.message(session, id))
  const replies = (await pipeline.exec()) ?? []
  const outcomes = new Map<string, Outcome>()
  for (const [error, hash] of replies) {
    if (error !== null) throw error
    const record = fromHash(hash as Record<string, string>)
    if (record !== null) outcomes.set(record.id, record)
  }
  return outcomes
}

/** Waits until each session is ready under an owner that lives, or given up. @returns their states */
async function untilReady(fleet: Fleet, sessions: readonly string[]): Promise<string[]> {
  return await waitFor(
    'every session to be ready',
    async () => {
      const answers = await Promise.all(sessions.map((session) => fleet.api.get('/status', session)))
      const states = answers.map(({ body }) => String(body.status))
      return states.every((state) => ['ready', 'failed'].includes(state)) && states
    },
    { timeoutMs: 90_000, everyMs: 200 },
  )
}

/** So that what their pages still held of old would go out now. */
async function replaceOwners(fleet: Fleet, reaper: Reaper, sessions: readonly string[]): Promise<void> {
  const browsers = sessions.map((session) => fleet.browserOf(session).pid)
  await reaper.killOwners()
  await Promise.all(browsers.map((browser, n) => fleet.untilBack(sessions[n] as string, browser, 90_000)))
}

/** @returns what arrived, in order, each by its mark */
async function ledgerOf({ simulator }: Fleet): Promise<{ id: string; body: string }[]> {
  const read = async (path: string) => await (await fetch(`${simulator.url}${path}`)).json()
  const { messages } = (await read('/messages')) as { messages: LoggedMessage[] }
  const marks = new Map(messages.map((message) => [message.id, markOf(message)]))
  const { ledger } = (await read('/ledger')) as { ledger: LedgerEntry[] }
  return ledger.map(({ id, body }) => ({ id, body: marks.get(id) ?? body }))
}

/** Counted for the whole fleet, because a session's history keeps only its last entries. */
async function happenedIn({ redis }: Fleet): Promise<Record<string, number>> {
  const names = [
    ...historyEvents.map((event) => [event, figures.sessionEvent(event)]),
    ...takeovers.map((how) => [`taken over, ${how}`, figures.takeover(how)]),
  ] as [string, string][]
  const counts = await redis.hmget(keys.figures, ...names.map(([, field]) => field))
  return Object.fromEntries(
    names.flatMap(([name], n) => (counts[n] ? [[name, Number(counts[n])] as const] : [])),
  )
}

function sum(tallies: readonly ReadonlyMap<string, number>[]): Record<string, number> {
  const total: Record<string, number> = {}
  for (const tally of tallies) for (const [what, count] of tally) total[what] = (total[what] ?? 0) + count
  return total
}
