import type { RedisClient } from '@wsg/shared/redis/connection/redis-client.ts'
import { expect, test } from 'vitest'
import { untilItAnswers } from '../../../local/open-redis.ts'

const SILENT_MS = 100

/** A connection that is told `info` until it is ready. */
function connection(info: () => Promise<string>) {
  const notes: string[] = []
  const heard: ((error: Error) => void)[] = []
  const on = (_event: string, hear: (error: Error) => void) => heard.push(hear)
  const redis = { status: 'connect', on, info }
  const note = (line: string) => void notes.push(line)
  const waiting = { place: 'redis:6379', silentMs: SILENT_MS, note, hint: 'Ask doctor.' }
  return { redis, heard, notes, answered: untilItAnswers(redis as unknown as RedisClient, waiting) }
}

test('a Redis that loads its file is waited for, however long it takes, and how far it is is told', async () => {
  const { redis, notes, answered } = connection(async () => 'loading:1\r\nloading_loaded_perc:41.97\r\n')
  setTimeout(() => {
    redis.status = 'ready'
  }, 4 * SILENT_MS)
  await answered
  expect(notes).toEqual(['Redis loads its file, which is waited for: 41 % so far.'])
})

test('a Redis that neither answers nor loads is given up with the reason of its connection, and what to do', async () => {
  const { heard, notes, answered } = connection(() => Promise.reject(new Error("Stream isn't writeable")))
  for (const hear of heard) hear(new Error('connect ECONNREFUSED'))
  await expect(answered).rejects.toThrow(
    'Redis at redis:6379 does not answer: connect ECONNREFUSED. Ask doctor.',
  )
  expect(notes).toEqual([])
})
