/**
 * The whole product on one Redis primary with two replicas and three Sentinels: the primary dies in the middle of steady
 * sending. Prints for how long nothing was accepted, and whether every accepted message arrived once. `--fault kill` (or
 * `stop`: the process hangs), `--seconds 40` before and after, `--rate 10` (sends a second), `--down-after 5000` and
 * `--lease 30000` (ms).
 */
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { keys } from '@wsg/shared/redis/keys.ts'
import { figures, takeovers } from '@wsg/shared/redis/worker/fleet-figures.ts'
import { SentinelSet, withRedis } from '../support/redis-sentinel.ts'
import { Stack } from '../support/stack.ts'
import { waitFor } from '../support/wait-for.ts'
import { loadNow, seconds } from './figures.ts'

const SESSIONS = { sales: '5511911111111', support: '5511911111112' } as const
const CHATS = ['5511922222221', '5511922222222', '5511922222223', '5511922222224']
/** A repetition, with the same key, of what was refused. */
const AGAIN_AFTER_MS = 200

type SessionName = keyof typeof SESSIONS

interface Accepted {
  session: SessionName
  id: string
  text: string
  atMs: number
  attempts: number
}

const { values } = parseArgs({
  options: {
    fault: { type: 'string', default: 'kill' },
    seconds: { type: 'string', default: '40' },
    rate: { type: 'string', default: '10' },
    'down-after': { type: 'string', default: '5000' },
    lease: { type: 'string', default: '30000' },
  },
})
const lastsMs = Number(values.seconds) * 1_000
const everyMs = 1_000 / Number(values.rate)

const sentinels = await SentinelSet.start({ downAfterMs: Number(values['down-after']) })
const stack = await Stack.start({
  env: { ...sentinels.environment, REDIS_MIN_REPLICAS: '1', LEASE_TTL_MS: values.lease, LOG_LEVEL: 'warn' },
})
try {
  for (const [session, phone] of Object.entries(SESSIONS)) await stack.pair(session, phone)
  const browsers = (Object.keys(SESSIONS) as SessionName[]).map((session) => stack.browserOf(session).pid)
  const accepted: Accepted[] = []
  const refusals = new Map<string, number>()
  let slowestMs = 0
  const began = performance.now()
  const sends: Promise<void>[] = []
  let isFaulty = false
  for (let i = 0; performance.now() - began < 2 * lastsMs; i++) {
    sends.push(send(i))
    if (!isFaulty && performance.now() - began >= lastsMs) {
      isFaulty = true
      const primary = await sentinels.primary()
      if (values.fault === 'stop') primary.pause()
      else await primary.kill()
    }
    await pause(Math.max(0, (i + 1) * everyMs - (performance.now() - began)))
  }
  await Promise.all(sends)
  const states = await settledStates(accepted)
  await report(states)

  async function send(i: number): Promise<void> {
    const session = i % 2 === 0 ? 'sales' : 'support'
    const text = `number ${i}`
    for (let attempts = 1; ; attempts++) {
      const askedAt = performance.now()
      const { status, body } = await stack.api.post(
        '/send?wait=none',
        session,
        { to: CHATS[i % CHATS.length], message: text },
        { 'idempotency-key': `key-${i}` },
      )
      if (status === 200 || status === 202) {
        accepted.push({ session, id: String(body.id), text, atMs: performance.now(), attempts })
        return
      }
      const refusal = `${status} ${body.code}`
      slowestMs = Math.max(slowestMs, performance.now() - askedAt)
      refusals.set(refusal, (refusals.get(refusal) ?? 0) + 1)
      await pause(AGAIN_AFTER_MS)
    }
  }

  /** Waits until every message has its outcome. @returns how many ended in which state */
  async function settledStates(messages: readonly Accepted[]): Promise<Map<string, number>> {
    const counts = new Map<string, number>()
    for (const { session, id } of messages) {
      const state = await waitFor(
        `${id} to have its outcome`,
        async () => {
          const { body } = await stack.api.get(`/messages/${id}`, session)
          return body.status !== 'queued' && body.status !== 'sending' && String(body.status)
        },
        { timeoutMs: 120_000 },
      )
      counts.set(state, (counts.get(state) ?? 0) + 1)
    }
    return counts
  }

  async function report(counts: ReadonlyMap<string, number>): Promise<void> {
    let lost = 0
    let doubled = 0
    for (const [session, phone] of Object.entries(SESSIONS)) {
      const wire = await stack.simulator.messages(phone)
      const copies = new Map<string, number>()
      for (const { body, copies: more } of wire) copies.set(body, (copies.get(body) ?? 0) + more)
      const texts = accepted.filter((message) => message.session === session).map(({ text }) => text)
      lost += texts.filter((text) => !copies.has(text)).length
      doubled += [...copies.values()].filter((count) => count > 1).length
    }
    const times = accepted.map(({ atMs }) => atMs).sort((a, b) => a - b)
    const gapMs = Math.max(...times.slice(1).map((atMs, i) => atMs - (times[i] ?? 0)))
    const taken = await withRedis((await sentinels.primary()).port, (redis) =>
      redis.hmget(keys.figures, ...takeovers.map((how) => figures.takeover(how))),
    )
    const kept = (Object.keys(SESSIONS) as SessionName[]).filter(
      (session, i) => stack.browserOf(session).pid === browsers[i],
    )
    console.log(
      [
        `fault: ${values.fault}, down-after ${values['down-after']} ms, LEASE_TTL_MS ${values.lease}, load ${loadNow()}`,
        `nothing accepted for ${seconds(gapMs)}`,
        `accepted ${accepted.length}, at most after ${Math.max(...accepted.map(({ attempts }) => attempts))} attempts; refused ${JSON.stringify(Object.fromEntries(refusals))}; the slowest refusal took ${seconds(slowestMs)}`,
        `ended as ${JSON.stringify(Object.fromEntries(counts))}`,
        `lost ${lost}, doubled ${doubled}, unknown ${counts.get('unknown') ?? 0}`,
        `takeovers ${takeovers.map((how, i) => `${how} ${taken[i] ?? 0}`).join(', ')}; sessions that kept their browser ${kept.length} of ${browsers.length}`,
      ].join('\n'),
    )
    process.exitCode = lost + doubled > 0 ? 1 : 0
  }
} finally {
  await stack.close()
  await sentinels.stop()
}
