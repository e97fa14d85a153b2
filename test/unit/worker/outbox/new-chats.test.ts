import { createLogger } from '@wsg/shared/logger.ts'
import type { NewChatRestriction } from '@wsg/shared/sessions/restriction.ts'
import { NewChats } from '@wsg/worker/src/outbox/new-chats.ts'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

const HOUR = 3_600_000
const FRIEND = '111@c.us'

let newChats: NewChats
let reported: unknown[]
let settings: { nowMs: number; restriction: NewChatRestriction | null | undefined; resumedAt: number | null }

const open = (restriction: NewChatRestriction | null = null) => {
  reported = []
  settings = {
    get nowMs() {
      return Date.now()
    },
    restriction,
    resumedAt: null,
  }
  newChats = new NewChats({
    client: { isNewChat: async (chatId) => chatId !== FRIEND },
    settings,
    report: (fields, happened) => reported.push({ ...fields, ...happened }),
    logger: createLogger('test', 'silent'),
  })
}

/** The messages that were cleared, in order. */
function ask(...messages: [id: string, chatId: string][]): string[] {
  const cleared: string[] = []
  for (const [id, chatId] of messages) void newChats.cleared(id, chatId).then(() => cleared.push(id))
  return cleared
}
const turn = () => vi.advanceTimersByTimeAsync(0)

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 })
  open()
})
afterEach(() => {
  newChats.close()
  vi.useRealTimers()
})

test('nothing waits, and no page is asked, while WhatsApp restricts nothing', async () => {
  const cleared = ask(['a', '1@c.us'], ['b', FRIEND])
  await turn()
  expect(cleared).toEqual(['a', 'b'])
  newChats.refused('a', 421)
  expect(newChats.holds('a', '2@c.us')).toBe(false)
  expect(reported).toEqual([])
})

describe.each([
  [463, 'reach_out_time_lock'],
  [475, 'new_chat_cap'],
])('after a refusal with %i', (code, kind) => {
  test('messages to new chats wait; those to other chats and to groups go', async () => {
    newChats.refused('a', code)
    expect(reported).toEqual([
      {
        restriction: kind,
        restrictedSince: '1000000',
        restrictedUntil: String(1_000_000 + HOUR),
        restrictionMet: '0',
        event: 'restricted',
        detail: kind,
      },
    ])
    const cleared = ask(['b', '2@c.us'], ['c', FRIEND], ['d', '1-2@g.us'], ['e', '3@lid'])
    await turn()
    expect(cleared).toEqual(['d', 'c'])
    expect(newChats.held).toBe(2)
    // One that waited for its turn while it came is asked again.
    expect(newChats.holds('f', '4@c.us')).toBe(true)
    expect(newChats.holds('g', FRIEND)).toBe(false)
  })

  test('what was on its way, and is refused too, begins no other pause', () => {
    newChats.refused('a', code)
    newChats.refused('b', code)
    expect(reported).toHaveLength(1)
  })
})

test('after the pause one message is tried; when it is acked all go', async () => {
  newChats.refused('a', 463)
  const cleared = ask(['b', '2@c.us'], ['c', '3@c.us'])
  await vi.advanceTimersByTimeAsync(HOUR - 1)
  expect(cleared).toEqual([])
  await vi.advanceTimersByTimeAsync(1)
  expect(cleared).toEqual(['b'])
  await vi.advanceTimersByTimeAsync(HOUR)
  expect(cleared).toEqual(['b'])
  newChats.acked('b')
  await turn()
  expect(cleared).toEqual(['b', 'c'])
  expect(reported.at(-1)).toMatchObject({ restriction: '', event: 'restriction_ended' })
})

test('when it is refused again the next pause is twice as long, up to a day, and since when is kept', async () => {
  newChats.refused('a', 463)
  const cleared = ask(...Array.from({ length: 8 }, (_, i): [string, string] => [`m${i}`, `${i}@c.us`]))
  for (const [i, hours] of [1, 2, 4, 8, 16, 24, 24].entries()) {
    await vi.advanceTimersByTimeAsync(hours * HOUR - 1)
    expect(cleared).toHaveLength(i)
    await vi.advanceTimersByTimeAsync(1)
    expect(cleared).toHaveLength(i + 1)
    newChats.refused(`m${i}`, 463)
    newChats.done(`m${i}`)
  }
  expect(reported.at(-1)).toMatchObject({ restrictedSince: '1000000', restrictionMet: '7' })
})

test('where the tried message ends without telling anything, the next one is tried', async () => {
  newChats.refused('a', 463)
  const cleared = ask(['b', '2@c.us'], ['c', '3@c.us'])
  await vi.advanceTimersByTimeAsync(HOUR)
  newChats.done('b')
  await turn()
  expect(cleared).toEqual(['b', 'c'])
})

test('an operator who has the queue go on has it tried at once', async () => {
  newChats.refused('a', 463)
  const cleared = ask(['b', '2@c.us'])
  await turn()
  await vi.advanceTimersByTimeAsync(500)
  settings.resumedAt = Date.now()
  newChats.tryNext()
  await vi.advanceTimersByTimeAsync(100)
  expect(cleared).toEqual(['b'])
  // The pause that begins when it is refused again is not ended by that.
  newChats.refused('b', 463)
  newChats.done('b')
  const later = ask(['c', '3@c.us'])
  await vi.advanceTimersByTimeAsync(2 * HOUR - 1)
  expect(later).toEqual([])
  await vi.advanceTimersByTimeAsync(1)
  expect(later).toEqual(['c'])
})

test('what an earlier owner met holds, for as long as it had to go', async () => {
  open({ kind: 'new_chat_cap', since: 500_000, until: 1_000_000 + 2 * HOUR, met: 2 })
  const cleared = ask(['b', '2@c.us'])
  await vi.advanceTimersByTimeAsync(2 * HOUR - 1)
  expect(cleared).toEqual([])
  await vi.advanceTimersByTimeAsync(1)
  expect(cleared).toEqual(['b'])
  newChats.refused('b', 475)
  expect(reported.at(-1)).toMatchObject({ restrictedSince: '500000', restrictionMet: '3' })
})

test('nothing waits any more when the session ends', async () => {
  newChats.refused('a', 463)
  const cleared = ask(['b', '2@c.us'])
  await turn()
  newChats.close()
  await turn()
  expect(cleared).toEqual(['b'])
})
