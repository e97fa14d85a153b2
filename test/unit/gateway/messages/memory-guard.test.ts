import { toRedisMemory } from '@wsg/gateway/src/messages/memory-guard.ts'
import { expect, test } from 'vitest'

test.each([
  ['used_memory:900\r\nmaxmemory:1000\r\n', false],
  ['used_memory:800\r\nmaxmemory:1000\r\n', false],
  ['used_memory:799\r\nused_memory_rss:5000\r\nmaxmemory:1000\r\nmaxmemory_human:1K\r\n', true],
  ['used_memory:900\r\nmaxmemory:0\r\n', true],
])('%j leaves room: %s', (info, room) => {
  expect(toRedisMemory(info).hasRoom).toBe(room)
})

test.each([
  ['maxmemory_policy:noeviction\r\n', null],
  ['maxmemory:0\r\nmaxmemory_human:0B\r\nmaxmemory_policy:allkeys-lru\r\n', 'allkeys-lru'],
  ['maxmemory_policy:volatile-ttl\r\n', 'volatile-ttl'],
  ['', null],
])('%j evicts by %s', (info, policy) => {
  expect(toRedisMemory(info).evictionPolicy).toBe(policy)
})
