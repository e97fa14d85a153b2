import { isBelowLimit } from '@wsg/gateway/src/messages/memory-guard.ts'
import { expect, test } from 'vitest'

test.each([
  ['used_memory:900\r\nmaxmemory:1000\r\n', false],
  ['used_memory:800\r\nmaxmemory:1000\r\n', false],
  ['used_memory:799\r\nused_memory_rss:5000\r\nmaxmemory:1000\r\nmaxmemory_human:1K\r\n', true],
  ['used_memory:900\r\nmaxmemory:0\r\n', true],
])('%j leaves room: %s', (info, room) => {
  expect(isBelowLimit(info)).toBe(room)
})
