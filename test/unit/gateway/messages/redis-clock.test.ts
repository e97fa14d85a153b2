import { EventEmitter } from 'node:events'
import { RedisClock } from '@wsg/gateway/src/messages/redis-clock.ts'
import type { Redis } from 'ioredis'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

let connection: EventEmitter
let clock: RedisClock

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] })
  connection = new EventEmitter()
  clock = new RedisClock(connection as Redis)
})

afterEach(() => {
  vi.useRealTimers()
})

test('says nothing before the first answer, and goes on from the latest one', () => {
  expect(clock.now()).toBeNull()
  clock.note(1_000)
  vi.advanceTimersByTime(250)
  expect(clock.now()).toBe(1_250)
  clock.note(900)
  expect(clock.now()).toBe(900)
})

test('forgets what is a second old, and what was said on another connection', () => {
  clock.note(1_000)
  vi.advanceTimersByTime(1_001)
  expect(clock.now()).toBeNull()
  clock.note(70_000)
  connection.emit('close')
  expect(clock.now()).toBeNull()
})
