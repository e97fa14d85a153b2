import type { Engine } from '@wsg/shared/sessions/engine.ts'
import { EngineWatch } from '@wsg/worker/src/whatsapp/engine-watch.ts'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

const MINUTE = 60_000
let missing: string[]
let seen: Engine[]
let looks: number
let watch: EngineWatch

beforeEach(() => {
  vi.useFakeTimers()
  missing = []
  seen = []
  looks = 0
  watch = new EngineWatch({
    library: 'whatsapp-web.js 1',
    look: async () => {
      looks += 1
      return { version: '2.3000.1', missing, lid: null }
    },
    onSeen: (engine) => seen.push(engine),
  })
})
afterEach(() => {
  watch.stop()
  vi.useRealTimers()
})

test('a page that has everything is looked at when it is ready, once more after minutes, and told once', async () => {
  await watch.begin()
  await vi.advanceTimersByTimeAsync(60 * MINUTE)
  expect(looks).toBe(2)
  expect(seen).toEqual([{ library: 'whatsapp-web.js 1', page: '2.3000.1', missing: [] }])
})

test('what is missing is told with what it concerns, and looked for until it is there', async () => {
  missing = ['WAWebCmd.Cmd.archiveChat']
  await watch.begin()
  expect(seen.at(-1)?.missing).toEqual([
    { name: 'WAWebCmd.Cmd.archiveChat', concerns: ['chat.archive', 'chat.unarchive'] },
  ])
  await vi.advanceTimersByTimeAsync(3 * MINUTE)
  expect(looks).toBe(4)
  missing = []
  await vi.advanceTimersByTimeAsync(60 * MINUTE)
  expect(looks).toBe(5)
  expect(seen.map((engine) => engine.missing.length)).toEqual([1, 0])
})

test('another document is told of though it is the same page', async () => {
  await watch.begin()
  await watch.begin()
  expect(seen).toHaveLength(2)
})
