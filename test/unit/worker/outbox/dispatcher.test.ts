import { type Pacing, unpaced } from '@wsg/shared/messages/pacing.ts'
import { Gate } from '@wsg/worker/src/gate.ts'
import type { AckWatch } from '@wsg/worker/src/outbox/ack-watch.ts'
import { ChatLanes } from '@wsg/worker/src/outbox/chat-lanes.ts'
import { Dispatcher, type Permit } from '@wsg/worker/src/outbox/dispatcher.ts'
import { Pacer } from '@wsg/worker/src/outbox/pacer.ts'
import type { QueueSettings } from '@wsg/worker/src/outbox/queue-settings.ts'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

function setUp(pacing: Partial<Pacing> = {}) {
  const settings = { isPaused: false, pacer: new Pacer(() => 0) }
  const setPacing = (changes: Partial<Pacing>) =>
    settings.pacer.set({ ...unpaced, ...changes }, { nowMs: 0, sentToday: 0, pairedAt: null })
  setPacing(pacing)
  /** How many messages may be open at a time. */
  const ackWatch = { most: 1_000, allows: (open: number) => open < ackWatch.most }
  const lanes = new ChatLanes()
  const [connected, able] = [new Gate(), new Gate()]
  connected.open()
  able.open()
  const dispatcher = new Dispatcher({
    connected,
    able,
    settings: settings as QueueSettings,
    lanes,
    ackWatch: ackWatch as unknown as AckWatch,
  })
  const got: string[] = []
  const permits = new Map<string, Permit | null>()
  const ask = async (chatId: string) => {
    const permit = await dispatcher.permit(chatId)
    got.push(chatId)
    permits.set(chatId, permit)
  }
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve))
  const askMany = async (chats: string[]) => {
    for (const chat of chats) void ask(chat)
    await settle()
  }
  const end = async (chat: string, wasUsed?: boolean) => {
    permits.get(chat)?.end(wasUsed)
    await settle()
  }
  return {
    dispatcher,
    connected,
    able,
    settings,
    setPacing,
    ackWatch,
    lanes,
    got,
    permits,
    askMany,
    end,
    settle,
  }
}
const chats = (count: number) => Array.from({ length: count }, (_, n) => `chat ${n}`)

it('lets sixteen be in flight, first come first served', async () => {
  const { got, askMany, end } = setUp()
  await askMany(chats(18))
  expect(got).toEqual(chats(16))
  await end('chat 5')
  expect(got).toEqual(chats(17))
})

it('lets an urgent one go first, also one that became urgent while it waited', async () => {
  const { lanes, got, askMany, end } = setUp()
  await askMany(chats(18))
  lanes.enter('chat 17', async () => {}, true)
  await end('chat 0')
  expect(got.at(-1)).toBe('chat 17')
})

it('waits as long as the pacing says', async () => {
  const { got, askMany, settle } = setUp({ perMinute: 60 })
  await askMany(['a', 'b'])
  expect(got).toEqual(['a'])
  vi.advanceTimersByTime(999)
  await settle()
  expect(got).toEqual(['a'])
  vi.advanceTimersByTime(1)
  await settle()
  expect(got).toEqual(['a', 'b'])
})

it('does not count a permit that was not used', async () => {
  const { got, askMany, end } = setUp({ perMinute: 60 })
  await askMany(['a', 'b'])
  await end('a', false)
  expect(got).toEqual(['a', 'b'])
})

it('has a chat wait from the outcome of the message before, and not where that was not sent', async () => {
  const { got, askMany, end } = setUp({ chatGapMs: 60_000 })
  await askMany(['a'])
  await end('a', false)
  await askMany(['a'])
  await end('a')
  await askMany(['a', 'b'])
  expect(got).toEqual(['a', 'a', 'b'])
})

it('gives none while paused, not connected or in doubt, and goes on with the next dispatch', async () => {
  const { dispatcher, connected, settings, ackWatch, got, askMany, settle } = setUp()
  settings.isPaused = true
  await askMany(['a'])
  vi.advanceTimersByTime(1_000_000)
  await settle()
  expect([got, dispatcher.isHeld]).toEqual([[], true])
  settings.isPaused = false
  ackWatch.most = 0
  dispatcher.dispatch()
  await settle()
  expect(got).toEqual([])
  ackWatch.most = 1_000
  connected.shut()
  await settle()
  expect(got).toEqual([])
  connected.open()
  dispatcher.dispatch()
  await settle()
  expect([got, dispatcher.isHeld]).toEqual([['a'], false])
})

it('says that a permit is held which was given before the doubt came, but for the only one', async () => {
  const { dispatcher, ackWatch, askMany, end } = setUp()
  await askMany(['a', 'b'])
  ackWatch.most = 1
  expect(dispatcher.isHeld).toBe(true)
  await end('b', false)
  expect(dispatcher.isHeld).toBe(false)
})

it('lets the next one go before an outcome is known, and counts the message for the daily cap until then', async () => {
  const { permits, setPacing, got, askMany, end, settle } = setUp()
  await askMany(chats(17))
  permits.get('chat 0')?.free()
  await settle()
  expect(got).toEqual(chats(17))
  permits.get('chat 1')?.free()
  setPacing({ dailyCap: 17 })
  await askMany(['later'])
  expect(got).toEqual(chats(17))
  await end('chat 0')
  expect(got.at(-1)).toBe('later')
  await end('chat 0')
  expect(got).toHaveLength(18)
})

it('tells whoever waits that nothing goes any more once it is closed', async () => {
  const { dispatcher, settings, permits, got, askMany, settle } = setUp()
  settings.isPaused = true
  await askMany(['a'])
  dispatcher.close()
  await settle()
  await askMany(['b'])
  expect([got, [...permits.values()]]).toEqual([
    ['a', 'b'],
    [null, null],
  ])
})
