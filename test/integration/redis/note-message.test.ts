import { toMessageAnswer } from '@wsg/gateway/src/messages/message-answer.ts'
import { messageRecordSchema } from '@wsg/shared/messages/message-record.ts'
import { keys } from '@wsg/shared/redis/keys.ts'
import { noteResent, noteSentBytes } from '@wsg/shared/redis/message/note-message.ts'
import type { LeaseToken } from '@wsg/shared/redis/session/lease.ts'
import { expect } from 'vitest'
import { redisTest as test } from '../../support/redis-test.ts'

const ID = '3EB00123456789ABCDEF01'
const record = {
  ...{ id: ID, sessionId: 'shop', state: 'sending', sequence: '1', to: '1', recipient: '1' },
  ...{ content: JSON.stringify({ type: 'text', text: 'a' }), acceptedAt: '1', expiresAt: '2' },
}

test('how much of a file is uploaded, and that it is sent again, is in the record and its answer, by the word of the owner alone', async ({
  redis,
}) => {
  const key = keys.message('shop', ID)
  const answer = async () => toMessageAnswer(messageRecordSchema.parse(await redis.hgetall(key)))
  const note = (token: string, sentBytes: number, id = ID) =>
    noteSentBytes(redis as never, { session: 'shop', token: token as LeaseToken, id, sentBytes })
  await redis.hset(key, record)
  await redis.set(keys.lease('shop'), 'mine')
  expect(await answer()).not.toHaveProperty('media')
  await note('mine', 4_000_000)
  await note('of another', 5_000_000)
  expect(await answer()).toMatchObject({ status: 'sending', media: { sentBytes: 4_000_000 } })
  const resent = (token: string) =>
    noteResent(redis as never, { session: 'shop', token: token as LeaseToken, id: ID })
  expect([await resent('of another'), (await answer()).resentAt]).toEqual(['fenced', undefined])
  expect(await resent('mine')).toBe('noted')
  expect(Date.parse((await answer()).resentAt ?? '')).toBeGreaterThan(Date.now() - 60_000)
  await redis.hset(key, 'state', 'delivered')
  expect(await resent('mine')).toBe('settled')
  await note('mine', 1, 'gone')
  expect(await redis.exists(keys.message('shop', 'gone'))).toBe(0)
})
