import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isAlive } from '../support/processes.ts'
import { Stack } from '../support/stack.ts'
import { waitFor } from '../support/wait-for.ts'

const PHONE = '5511911111111'
const CUSTOMER = '5511999887766'
/**
 * Not far above what one idle session takes, so that a leak comes to it soon, and far enough that the memory which it shares with
 * the browsers of other tests, and has for itself once they end, does not lift it over.
 */
const LIMIT_MB = 520

/** What the history says of a browser that went for its memory. */
const ENDS = ['recycled', 'memory_limit'] as const
type End = (typeof ENDS)[number]
const MOST_ROUNDS = 4

interface Entry {
  event: string
  at: string
  detail?: string
}

/** Each test leaves the session ready for the next. */
describe('a session that leaks memory, on a machine where no kernel keeps it under its limit', () => {
  let stack: Stack

  beforeAll(async () => {
    stack = await Stack.start({ env: { MEMORY_LIMIT_MB: String(LIMIT_MB) } })
    await stack.pair('sales', PHONE)
  })
  afterAll(async () => {
    await stack.close()
  })

  async function history(): Promise<Entry[]> {
    return (await stack.api.get('/status', 'sales')).body.history as Entry[]
  }

  /** Waits until the history tells of such an end of a browser, later than what it told before. @returns which */
  async function untilEnded(before: Entry[]): Promise<End> {
    const from = before[0]?.at ?? ''
    return await waitFor(
      `${ENDS.join(' or ')} in the history`,
      async () => {
        const later = (await history()).filter(({ at }) => at > from)
        const end = ENDS.find((one) => later.some(({ event }) => event === one))
        if (end !== undefined) return end
        throw new Error(`it has ${later.map(({ event, detail }) => `${event} (${detail})`).join(', ')}`)
      },
      { timeoutMs: 60_000 },
    )
  }

  async function send(texts: string[]): Promise<string[]> {
    const ids: string[] = []
    for (const message of texts) {
      const answer = await stack.api.post(
        '/send',
        'sales',
        { to: CUSTOMER, message },
        { prefer: 'respond-async' },
      )
      expect(answer.status).toBe(202)
      ids.push(String(answer.body.id))
    }
    return ids
  }

  async function untilSettled(ids: string[]): Promise<string[]> {
    const stateOf = async (id: string) =>
      String((await stack.api.get(`/messages/${id}`, 'sales')).body.status)
    await waitFor(
      'every message to have an outcome',
      async () =>
        (await Promise.all(ids.map(stateOf))).every((state) => !['queued', 'sending'].includes(state)),
      { timeoutMs: 60_000 },
    )
    return await Promise.all(ids.map(stateOf))
  }

  async function arrived(prefix: string): Promise<[body: string, copies: number][]> {
    return (await stack.simulator.messages(PHONE, CUSTOMER)).flatMap(({ body, copies }) =>
      body.startsWith(prefix) ? [[body, copies] as [string, number]] : [],
    )
  }

  it('says how much it takes of how much it may', async () => {
    const { body } = await waitFor('the figure', async () => {
      const answer = await stack.api.get('/status', 'sales')
      return typeof answer.body.memoryMb === 'number' && answer
    })
    expect(body).toMatchObject({ memoryLimitMb: LIMIT_MB })
    expect(body.memoryMb).toBeGreaterThan(50)
  })

  /**
   * Lets the page leak until its browser has ended so, and sends each time when one goes: all has to arrive once. How it ends
   * depends on where it is measured, and on the other browsers of the machine: what they shared with it is its own once they
   * end, which may lift it over the limit. Then it leaks again.
   * @returns the worker that it had, and what became of the messages
   */
  async function leakUntil(wanted: End, mbPerSecond: number): Promise<{ worker: number; states: string[] }> {
    for (let round = 1; round <= MOST_ROUNDS; round++) {
      const before = await history()
      const browser = stack.browserOf('sales').pid
      const worker = stack.workerOf('sales').pid
      await stack.simulator.set({ leakMbPerSecond: mbPerSecond })
      await waitFor('the browser to go', () => !isAlive(browser), { timeoutMs: 60_000 })
      await stack.simulator.set({ leakMbPerSecond: 0 })
      const texts = Array.from({ length: 10 }, (_, i) => `${wanted} ${round}.${i}`)
      const ids = await send(texts)
      const end = await untilEnded(before)
      await stack.untilBack('sales', browser)
      const states = await untilSettled(ids)
      expect(await arrived(`${wanted} ${round}.`)).toEqual(texts.map((text) => [text, 1]))
      if (end === wanted) return { worker, states }
    }
    throw new Error(`${MOST_ROUNDS} browsers ended otherwise: ${JSON.stringify(await history())}`)
  }

  it('gets a new browser before the limit and is ready again without a QR code; what is sent meanwhile arrives once', async () => {
    // Slower than what is taken for too fast to be caught in time, so that a busy machine may look late.
    const { worker, states } = await leakUntil('recycled', 8)
    for (const state of states) expect(['sent', 'delivered', 'read']).toContain(state)
    expect(isAlive(worker)).toBe(true)
  })

  it('that is faster than anybody looks is killed at the limit, says so in its history, and returns', async () => {
    await leakUntil('memory_limit', 200)
  })
})
