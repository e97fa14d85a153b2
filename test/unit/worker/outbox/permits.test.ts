import { type Permit, Permits } from '@wsg/worker/src/outbox/permits.ts'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})
afterEach(() => {
  vi.useRealTimers()
})

function setUp(count: number) {
  const state = { delayMs: 0, open: 0, given: 0, unused: 0 }
  const turns = new Permits(count, {
    delayMs: (open) => {
      state.open = open
      return state.delayMs
    },
    given: () => void state.given++,
    unused: () => void state.unused++,
  })
  const got: string[] = []
  const held = new Map<string, Permit>()
  const take = async (name: string, isUrgent = () => false) => {
    const turn = await turns.take(isUrgent)
    got.push(name)
    held.set(name, turn)
  }
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve))
  return { state, turns, got, held, take, settle }
}

it('gives a bounded number of turns, first come first served', async () => {
  const { got, held, take, settle } = setUp(2)
  for (const name of ['a', 'b', 'c', 'd']) void take(name)
  await settle()
  expect(got).toEqual(['a', 'b'])
  held.get('b')?.end()
  await settle()
  expect(got).toEqual(['a', 'b', 'c'])
})

it('lets an urgent one go first, also one that became urgent while it waited', async () => {
  const { got, held, take, settle } = setUp(1)
  let isUrgent = false
  void take('a')
  void take('b')
  void take('c', () => isUrgent)
  await settle()
  isUrgent = true
  held.get('a')?.end()
  await settle()
  expect(got).toEqual(['a', 'c'])
})

it('waits as long as the rules say, and for nobody else meanwhile', async () => {
  const { state, got, take, settle } = setUp(2)
  state.delayMs = 500
  void take('a')
  await settle()
  expect(got).toEqual([])
  state.delayMs = 0
  vi.advanceTimersByTime(500)
  await settle()
  expect(got).toEqual(['a'])
})

it('waits for a look where the rules do not know how long', async () => {
  const { state, turns, got, take, settle } = setUp(2)
  state.delayMs = Number.POSITIVE_INFINITY
  void take('a')
  state.delayMs = 0
  vi.advanceTimersByTime(1_000_000)
  await settle()
  expect(got).toEqual([])
  turns.look()
  await settle()
  expect(got).toEqual(['a'])
})

it('gives a slot back before the outcome is known, and counts the message as open until then', async () => {
  const { state, turns, got, held, take, settle } = setUp(1)
  void take('a')
  await settle()
  held.get('a')?.free()
  void take('b')
  await settle()
  expect(got).toEqual(['a', 'b'])
  expect(state.open).toBe(1)
  held.get('a')?.end()
  held.get('a')?.end()
  held.get('b')?.end(false)
  expect(state).toMatchObject({ given: 2, unused: 1 })
  const earlier = turns.alreadyTaken()
  void take('c')
  await settle()
  expect(state.open).toBe(1)
  earlier.end()
})

it('gives none once it is closed', async () => {
  const { turns, got, take, settle } = setUp(1)
  turns.close()
  void take('a')
  await settle()
  expect(got).toEqual([])
})
