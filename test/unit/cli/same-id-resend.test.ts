import type { GatewayClient } from '@wsg/cli/src/gateway-client.ts'
import { EventLog } from '@wsg/cli/src/selftest/event-log.ts'
import { sameIdResend } from '@wsg/cli/src/selftest/resend.ts'
import type { Prepared } from '@wsg/cli/src/selftest/step.ts'
import { expect, test, vi } from 'vitest'

vi.mock('node:timers/promises', () => ({ setTimeout: async () => {} }))

type Told = Parameters<EventLog['events']['push']>[0]

interface Fate {
  status: 'sent' | 'unknown'
  resentAt?: string
  /** When a further device was told of it. */
  leftAt?: string
  /** How often the second number gets it; once where absent. */
  copies?: number
}

/** A gateway whose messages have these fates, those after the last the last one's; the first is never hurt. */
function groundOf(fates: Fate[], { looks = null as boolean | null, canKill = true } = {}) {
  const [second, third] = [EventLog.empty(), EventLog.empty()]
  const sent: { text: string; fate: Fate }[] = []
  const asked: string[] = []
  let kills = 0
  const gateway = {
    ask: async (
      method: string,
      path: string,
      { body, session }: { body?: { message: string }; session: string },
    ) => {
      asked.push(`${method} ${path} ${session}`)
      if (body === undefined) return { body: {} }
      const text = body.message
      const isUnhurt = sent.length === 0
      const fate: Fate = isUnhurt ? { status: 'sent' } : (fates[sent.length - 1] ?? (fates.at(-1) as Fate))
      sent.push({ text, fate })
      const { leftAt, copies = 1 } = fate
      if (leftAt !== undefined)
        third.events.push({
          event: 'message.any',
          timestamp: leftAt,
          data: { fromMe: true, text },
        } as unknown as Told)
      for (let n = 0; n < copies; n++)
        second.events.push({ event: 'message', data: { text } } as unknown as Told)
      return { body: { id: String(sent.length - 1) } }
    },
    get: async (path: string) =>
      path === '/status'
        ? { status: 'ready', connectedAt: kills }
        : sent[Number(path.split('/').at(-1))]?.fate,
  }
  const away: boolean[] = []
  const ground = {
    gateway: gateway as unknown as GatewayClient,
    holder: { setAway: async (isAway: boolean) => void away.push(isAway), look: async () => looks },
    kill: async () => canKill && ++kills > 0,
    ...{ first: 'a', second: 'b', third: 'c', word: 'w', phones: { first: '1', second: '2' } },
    heard: { first: EventLog.empty(), second, third },
  } as unknown as Prepared
  return { ground, away, asked, kills: () => kills }
}

const early: Fate = { status: 'sent', resentAt: '2026-01-01T00:00:01Z', leftAt: '2026-01-01T00:00:02Z' }
const late: Fate = { status: 'sent' }
const caught: Fate = { status: 'sent', resentAt: '2026-01-01T00:00:02Z', leftAt: '2026-01-01T00:00:01Z' }

test('tries until WhatsApp was given a message twice, and then lets the second number back', async () => {
  const { ground, away, asked, kills } = groundOf([early, late, caught], { looks: true })
  const found = await sameIdResend.run(ground)
  expect(found).toMatchObject({ told: expect.stringMatching(/came to the second number once$/), unseen: [] })
  expect([kills(), away]).toEqual([3, [true, false]])
  expect(asked.filter((one) => one.endsWith(' b'))).toEqual(['POST /session/stop b', 'POST /session/start b'])
})

test.each([
  ['in 6 tries', [early], {}],
  ['in 6 tries', [late], {}],
  ['RESEND_AFTER_CRASH=same-id', [{ status: 'unknown', copies: 0 }], {}],
  ['--kill', [late], { canKill: false }],
] satisfies [string, Fate[], object][])('says that it saw nothing, and why: %s', async (why, fates, how) => {
  const { ground } = groundOf(fates, how)
  const { told, unseen, isNotSeen } = await sameIdResend.run(ground)
  expect(told).toContain(why)
  expect([isNotSeen, unseen]).toEqual([true, sameIdResend.beliefs])
})

test('says nothing of WhatsApp dropping a repeated id where nobody looks at the phone', async () => {
  const { unseen } = await sameIdResend.run(groundOf([caught]).ground)
  expect(unseen).toEqual([expect.stringContaining('drops a message id')])
})

test('fails where a message comes twice, and lets the second number back all the same', async () => {
  const { ground, away } = groundOf([{ ...caught, copies: 2 }])
  await expect(sameIdResend.run(ground)).rejects.toThrow('messages came 1, 2 times')
  expect(away).toEqual([true, false])
  await expect(sameIdResend.run(groundOf([caught], { looks: false }).ground)).rejects.toThrow('exactly once')
})
