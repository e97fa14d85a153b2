import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { overload } from '../../support/overload.ts'
import { SentinelSet } from '../../support/redis-sentinel.ts'
import { stopwatch } from '../../support/stopwatch.ts'
import { waitFor } from '../../support/wait-for.ts'
import { FleetUnderTest } from './fleet-under-test.ts'

const SEND_EVERY_MS = 20

let sentinels: SentinelSet
let fleet: FleetUnderTest

beforeEach(async () => {
  sentinels = await SentinelSet.start()
  fleet = await FleetUnderTest.start(
    // No failover of these takes as long as a worker gives its lease, on a machine however busy.
    { ...sentinels.environment, REDIS_MIN_REPLICAS: '1', LEASE_TTL_MS: '60000' },
    ['shop'],
  )
})

afterEach(async () => {
  await fleet.stop()
  await sentinels.stop()
})

interface Asked {
  status: number
  id: string | undefined
  tookMs: number
}

/** Sends one message after the other until `stopped`. */
class Sending {
  readonly asked: Asked[] = []
  readonly #stop = new AbortController()
  readonly #running: Promise<void>

  constructor(chat: string, hasKeys: boolean) {
    this.#running = this.#run(chat, hasKeys)
  }

  async stop(): Promise<Asked[]> {
    this.#stop.abort()
    await this.#running
    return this.asked
  }

  async #run(chat: string, hasKeys: boolean): Promise<void> {
    for (let i = 0; !this.#stop.signal.aborted; i++) {
      // With a key every message is asked for until it is accepted, as its caller would.
      do await this.#send(chat, hasKeys ? { 'idempotency-key': `${chat}-${i}` } : {})
      while (hasKeys && this.asked.at(-1)?.status === 503)
    }
  }

  async #send(to: string, headers: Record<string, string>): Promise<void> {
    const tookMs = stopwatch()
    const { status, body } = await fleet.gateway.send('shop', { to }, headers, '?wait=none')
    this.asked.push({ status, id: body.id, tookMs: tookMs() })
    await pause(SEND_EVERY_MS)
  }
}

const faults = {
  dies: async () => (await sentinels.primary()).kill(),
  hangs: async () => (await sentinels.primary()).pause(),
}

test.each(['dies', 'hangs'] as const)(
  'what was accepted while the primary %s is sent once, and what was refused never; of the rest its id tells',
  async (fault) => {
    const before = await sentinels.primary()
    const sendings = [
      ...['5511100000001', '5511100000002', '5511100000003'].map((chat) => new Sending(chat, false)),
      ...['5511100000004', '5511100000005'].map((chat) => new Sending(chat, true)),
    ]
    await waitFor('messages on their way', () => fleet.handedOver('shop').length > 50)
    await faults[fault]()
    const asked = () => sendings.flatMap((sending) => sending.asked)
    await waitFor('the failover', async () => (await sentinels.primary()) !== before, { timeoutMs: 30_000 })
    const count = asked().filter(({ status }) => status === 202).length
    await waitFor('service again', () => asked().filter(({ status }) => status === 202).length > count + 50)
    await Promise.all(sendings.map((sending) => sending.stop()))

    // A repetition under its key answers 200 where the message has been sent meanwhile.
    const statuses = new Set(asked().map(({ status }) => status))
    expect([...statuses].filter((status) => status !== 200).sort()).toEqual([202, 503])
    const refusals = asked().filter(({ status }) => status === 503)
    expect(Math.max(...refusals.map(({ tookMs }) => tookMs))).toBeLessThan(2_500 * overload())
    const accepted = new Set(asked().flatMap(({ status, id }) => (status !== 503 && id ? [id] : [])))
    const inDoubt = asked().flatMap(({ status, id }) => (status === 503 && id ? [id] : []))
    const sent = new Set<string>()
    for (const id of [...accepted, ...inDoubt]) {
      await waitFor(`${id} to be settled`, async () => {
        const { status, body } = await fleet.gateway.get(`/messages/${id}`, 'shop')
        if (body.status === 'sent') sent.add(id)
        return body.status === 'sent' || (status === 404 && !accepted.has(id))
      })
    }
    expect(fleet.handedOver('shop').sort()).toEqual([...sent].sort())
    expect(fleet.deaths).toEqual([])
  },
)
