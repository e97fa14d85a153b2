import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildNames } from '../simulator/builds.ts'
import { browsersOn, isAlive } from '../support/processes.ts'
import { kill, Stack } from '../support/stack.ts'
import { newest, phoneOf } from '../support/tested-builds.ts'
import { waitFor } from '../support/wait-for.ts'

const CHATS = ['5511999880001', '5511999880002', '5511999880003'] as const
const SENT = ['sent', 'delivered', 'read']

let stack: Stack
beforeAll(async () => {
  stack = await Stack.start({ env: { LEASE_TTL_MS: '5000' } })
})
afterAll(async () => {
  await stack.close()
})

describe.each(buildNames)(
  'a session whose worker goes away in the middle of sending, on WhatsApp build %s',
  (build) => {
    const session = build
    const phone = phoneOf[build]

    beforeAll(async () => {
      await stack.simulator.set({ build })
      await stack.pair(session, phone)
    })
    afterAll(async () => {
      await stack.api.post('/session/stop', session)
    })

    /** Accepts `count` numbered texts to the three chats in turn. @returns their ids in order of acceptance */
    async function accept(name: string, count: number): Promise<string[]> {
      const ids: string[] = []
      for (let i = 0; i < count; i++) {
        const to = CHATS[i % CHATS.length] as string
        const { status, body } = await stack.api.post(
          '/send',
          session,
          { to, message: `${name} ${i}` },
          { prefer: 'respond-async' },
        )
        expect(status).toBe(202)
        ids.push(String(body.id))
      }
      return ids
    }

    async function stateOf(id: string): Promise<string> {
      return String((await stack.api.get(`/messages/${id}`, session)).body.status)
    }

    /** What of `name` reached a chat, in order of first arrival. */
    async function arrivedAt(chat: string, name: string): Promise<{ number: number; copies: number }[]> {
      return (await stack.simulator.messages(phone, chat)).flatMap(({ body, copies }) =>
        body.startsWith(`${name} `) ? [{ number: Number(body.slice(name.length + 1)), copies }] : [],
      )
    }

    it('keeps the order of every chat, doubles nothing, and names what it cannot know, when killed with sends in flight', async () => {
      await stack.simulator.set({ serverAckDelayMs: 300 })
      const ids = await accept('killed', 48)
      await waitFor(
        'some to be on their way',
        async () => (await stack.simulator.messages(phone)).length >= 6,
      )
      kill(stack.workerOf(session).pid, 'SIGKILL')
      await stack.simulator.set({ serverAckDelayMs: 0 })
      await waitFor(
        'every message to have an outcome',
        async () => {
          const states = await Promise.all(ids.map(stateOf))
          return states.every((state) => [...SENT, 'unknown'].includes(state))
        },
        { timeoutMs: 60_000 },
      )
      const states = await Promise.all(ids.map(stateOf))
      for (const chat of CHATS) {
        const arrived = await arrivedAt(chat, 'killed')
        const numbers = arrived.map(({ number }) => number)
        expect(numbers, `order in ${chat}`).toEqual(numbers.toSorted((a, b) => a - b))
        expect(
          arrived.filter(({ copies }) => copies > 1),
          `repeated in ${chat}`,
        ).toEqual([])
        const expected = ids.flatMap((_, i) =>
          CHATS[i % 3] === chat && SENT.includes(states[i] as string) ? [i] : [],
        )
        expect(numbers).toEqual(expect.arrayContaining(expected))
      }
    })

    if (!newest.includes(build)) return

    it('is never ready in any answer once all workers are dead and one lease has run out', async () => {
      await stack.api.until(session, 'ready')
      kill(stack.supervisorPid, 'SIGSTOP') // so that nobody forks new ones
      for (const { pid } of stack.workers()) kill(pid, 'SIGKILL')
      try {
        await waitFor(
          'the answer to stop saying ready',
          async () => (await stack.api.get('/status', session)).body.status !== 'ready',
          {
            timeoutMs: 5_000 + 500,
          },
        )
        const { body } = await stack.api.get('/status', session)
        expect(body).toMatchObject({ status: 'initializing', reason: 'reconnecting' })
        expect((await stack.api.get('/health')).body.sessions).toMatchObject({ ready: 0, initializing: 1 })
      } finally {
        kill(stack.supervisorPid, 'SIGCONT')
      }
      await stack.api.until(session, 'ready')
    })

    it('has one browser at every moment while its worker is paused past the lease; the paused one sends nothing and ends', async () => {
      await stack.api.until(session, 'ready')
      const paused = stack.workerOf(session)
      let most = 0
      const watch = setInterval(() => {
        most = Math.max(most, browsersOn(stack.profilePath(session)).length)
      }, 20)
      try {
        kill(stack.supervisorPid, 'SIGSTOP') // the pool must not be what saves us
        kill(paused.pid, 'SIGSTOP')
        const ids = await accept('paused', 12)
        await waitFor(
          'the lease to run out',
          async () => (await stack.api.get('/status', session)).body.status !== 'ready',
          { timeoutMs: 8_000 },
        )
        kill(paused.pid, 'SIGCONT')
        await waitFor('the woken worker to end', () => !isAlive(paused.pid))
        kill(stack.supervisorPid, 'SIGCONT')
        await waitFor(
          'every message to be sent',
          async () => {
            const states = await Promise.all(ids.map(stateOf))
            return states.every((state) => [...SENT, 'unknown'].includes(state))
          },
          { timeoutMs: 60_000 },
        )
        for (const chat of CHATS) {
          expect(await arrivedAt(chat, 'paused')).toEqual(
            ids.flatMap((_, i) => (CHATS[i % 3] === chat ? [{ number: i, copies: 1 }] : [])),
          )
        }
      } finally {
        clearInterval(watch)
        kill(paused.pid, 'SIGCONT')
        kill(stack.supervisorPid, 'SIGCONT')
      }
      expect(most).toBe(1)
    })
  },
)
