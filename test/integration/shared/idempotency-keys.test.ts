import { noteUpload } from '@wsg/shared/redis/batch/batch.ts'
import { keys } from '@wsg/shared/redis/keys.ts'
import { expect, it } from 'vitest'
import { idOf, SESSION, scriptGround } from './script-ground.ts'

const ground = scriptGround()
const { accept, move, own } = ground

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const KEY = keys.idempotency(SESSION, 'k')
/** In hours, since a moment passes meanwhile. */
const hoursOf = async (key: string) => Math.round((await ground.redis.pttl(key)) / HOUR_MS)
/** Records are kept for a minute here. */
const keyed = { idempotencyKey: 'k' }

it('a key lives for as long as its message waits, and a day more, however short records are kept', async () => {
  await accept(1, { ...keyed, expiresInMs: 72 * HOUR_MS })
  expect(await hoursOf(KEY)).toBe(96)
})

it('a key of a scheduled message lives until that is due, and longer', async () => {
  const sendAt = Date.now() + 2 * DAY_MS
  await accept(1, { ...keyed, record: { sendAt, expiresAt: sendAt + DAY_MS } })
  expect(await hoursOf(KEY)).toBe(96)
})

it('a repetition renews the key by a day, and never shortens it', async () => {
  await accept(1, { ...keyed, expiresInMs: HOUR_MS })
  await ground.redis.pexpire(KEY, HOUR_MS)
  expect(await accept(1, keyed)).toBe(`replayed ${idOf(1)}`)
  expect(await hoursOf(KEY)).toBe(24)
  await ground.redis.pexpire(KEY, 2 * DAY_MS)
  await accept(1, keyed)
  expect(await hoursOf(KEY)).toBe(48)
})

it('a message whose record is gone is not accepted again under its key', async () => {
  const token = await own()
  await accept(1, keyed)
  await move(1, 'sending', token)
  await move(1, 'sent', token)
  await ground.redis.del(keys.message(SESSION, idOf(1)))
  expect(await accept(1, keyed)).toBe(`replayed ${idOf(1)}`)
})

it("a batch's keys live as long as the batch, whichever of its lines waits longest", async () => {
  const line = { record: { batch: 'b', line: 1 }, idempotencyKey: 'k', isOfBatch: true }
  await noteUpload(ground.redis, {
    sessionId: SESSION,
    batchId: 'b',
    keptMs: HOUR_MS,
    upload: 'receiving',
    refused: 0,
  })
  await accept(1, { ...line, expiresInMs: HOUR_MS })
  await accept(2, {
    ...line,
    idempotencyKey: 'other',
    record: { batch: 'b', line: 2 },
    expiresInMs: 9 * DAY_MS,
  })
  expect(await ground.redis.hlen(keys.batchKeys(SESSION, 'b'))).toBe(2)
  expect(await hoursOf(keys.batchKeys(SESSION, 'b'))).toBe(240)
  expect(await hoursOf(keys.batch(SESSION, 'b'))).toBe(216)
  expect(await accept(1, line)).toBe(`replayed ${idOf(1)}`)
  await noteUpload(ground.redis, {
    sessionId: SESSION,
    batchId: 'b',
    keptMs: 20 * DAY_MS,
    upload: 'complete',
    refused: 0,
  })
  expect(await hoursOf(keys.batchKeys(SESSION, 'b'))).toBe(480)
})

it('a key of a batch is not a key of the same name outside of it', async () => {
  await accept(1, { idempotencyKey: 'k', isOfBatch: true, record: { batch: 'b', line: 1 } })
  expect(await accept(2, keyed)).toBe(`accepted ${idOf(2)}`)
})

it('nothing is accepted onto a session that was deleted a moment ago', async () => {
  await own()
  await ground.redis.del(keys.session(SESSION))
  expect(await accept(1, { isKnown: false })).toBe('not_found')
  expect(
    await ground.redis.exists(keys.session(SESSION), keys.queued(SESSION), keys.message(SESSION, idOf(1))),
  ).toBe(0)
})
