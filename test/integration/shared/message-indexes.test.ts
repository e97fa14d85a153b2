import { fromHash } from '@wsg/shared/messages/message-record.ts'
import { keys } from '@wsg/shared/redis/keys.ts'
import { promoteMessage } from '@wsg/shared/redis/message/due-messages.ts'
import { publishSession } from '@wsg/shared/redis/session/publish-session.ts'
import { describe, expect, it } from 'vitest'
import { idOf, RECIPIENT, SESSION, scriptGround } from './script-ground.ts'

const ground = scriptGround()
const { own, accept, move } = ground

const promote = (number: number) =>
  promoteMessage(ground.redis, { sessionId: SESSION, messageId: idOf(number) })
const list = (key: string) => ground.redis.zrange(key, 0, '-1')
const recordOf = async (number: number) =>
  fromHash(await ground.redis.hgetall(keys.message(SESSION, idOf(number))))

describe('a scheduled message', () => {
  const soon = { record: { sendAt: Date.now() + 3_600_000 } }

  it('waits without a place in the queue, and counts as waiting', async () => {
    for (const number of [1, 2, 3]) await accept(number, soon)
    expect(await accept(4)).toBe('queue_full')
    expect(await list(keys.queued(SESSION))).toEqual([])
    expect(await promote(1)).toBe(false)
    expect(await recordOf(1)).toMatchObject({ state: 'queued', sequence: 0 })
  })

  it('counts from when it is due: behind what was accepted meanwhile', async () => {
    await accept(1, soon)
    await accept(2)
    // As if its time had come.
    for (const [key, member] of [
      [keys.scheduledOf(SESSION), idOf(1)],
      [keys.scheduled, `${SESSION}/${idOf(1)}`],
    ] as const)
      await ground.redis.zadd(key, 1, member)
    expect(await promote(1)).toBe(true)
    expect(await list(keys.queued(SESSION))).toEqual([idOf(2), idOf(1)])
    expect(await list(keys.scheduled)).toEqual([])
    expect(await promote(1)).toBe(false)
  })

  it('of several for one instant, all become due in the order in which they were accepted', async () => {
    const sendAt = Date.now() + 60_000
    const order = [3, 1, 2]
    for (const number of order) await accept(number, { record: { sendAt } })
    expect(await list(keys.scheduledOf(SESSION))).toEqual(order.map(idOf))
    expect(await list(keys.scheduled)).toEqual(order.map((number) => `${SESSION}/${idOf(number)}`))
    expect((await recordOf(2))?.sendAt).toBe(sendAt)
    expect(await ground.redis.pttl(keys.dueAt(SESSION, sendAt))).toBeLessThanOrEqual(60_000)
  })

  it('that is canceled before it is due leaves nothing behind that would wake it', async () => {
    await accept(1, soon)
    await move(1, 'canceled')
    for (const key of [keys.scheduled, keys.scheduledOf(SESSION), keys.waiting])
      expect(await list(key)).toEqual([])
    expect(await promote(1)).toBe(false)
  })

  it('whose time has passed is due at once', async () => {
    await accept(1, { record: { sendAt: Date.now() - 60_000 } })
    expect(await list(keys.queued(SESSION))).toEqual([idOf(1)])
  })

  it('expires a day after it is due where nothing else was said', async () => {
    const { sendAt } = soon.record
    await ground.redis.del(keys.message(SESSION, idOf(1)))
    await accept(1, { record: { sendAt, expiresAt: undefined as never } })
    expect((await recordOf(1))?.expiresAt).toBe(sendAt + 24 * 3_600_000)
  })
})

describe('the lists of messages', () => {
  it('hold a waiting message by recipient and urgency until it is taken, and again when it is put back', async () => {
    const token = await own()
    await accept(1)
    await accept(2, { record: { urgent: '1' } })
    expect(await list(keys.recipient(SESSION, RECIPIENT))).toEqual([idOf(1), idOf(2)])
    expect(await list(keys.urgent(SESSION))).toEqual([idOf(2)])
    await move(2, 'sending', token)
    expect(await list(keys.urgent(SESSION))).toEqual([])
    expect(await list(keys.recipient(SESSION, RECIPIENT))).toEqual([idOf(1)])
    await move(2, 'queued', token)
    expect(await list(keys.urgent(SESSION))).toEqual([idOf(2)])
    expect(await list(keys.recipient(SESSION, RECIPIENT))).toEqual([idOf(1), idOf(2)])
    expect(await list(keys.waiting)).toHaveLength(2)
  })

  it('hold every message once, in the state that it is in', async () => {
    const token = await own()
    await accept(1)
    expect(await list(keys.messagesIn(SESSION, 'queued'))).toEqual([idOf(1)])
    await move(1, 'sending', token)
    await move(1, 'sent', token)
    expect(await list(keys.messagesIn(SESSION, 'queued'))).toEqual([])
    expect(await list(keys.messagesIn(SESSION, 'sending'))).toEqual([])
    expect(await list(keys.messagesIn(SESSION, 'sent'))).toEqual([idOf(1)])
  })

  it('forget what was settled longer ago than records are kept', async () => {
    await ground.redis.zadd(keys.messagesIn(SESSION, 'canceled'), Date.now() - 60_001, 'old')
    await accept(1)
    await move(1, 'canceled')
    expect(await list(keys.messagesIn(SESSION, 'canceled'))).toEqual([idOf(1)])
  })

  it('find a message by its reference for as long as its record can live', async () => {
    await accept(1, { record: { reference: 'order 17' } })
    const key = keys.reference(SESSION, 'order 17')
    expect(await list(key)).toEqual([idOf(1)])
    expect(await ground.redis.pttl(key)).toBeGreaterThan(110_000)
    await accept(2, { expiresInMs: 1_000, record: { reference: 'order 17' } })
    expect(await ground.redis.pttl(key)).toBeGreaterThan(110_000)
  })

  it('count a batch by state', async () => {
    const token = await own()
    for (const number of [1, 2]) await accept(number, { record: { batch: 'b1', line: number } })
    await move(1, 'sending', token)
    await move(1, 'sent', token)
    expect(await ground.redis.hgetall(keys.batch(SESSION, 'b1'))).toEqual({
      queued: '1',
      sending: '0',
      sent: '1',
      settledAt: expect.stringMatching(/^\d+$/),
    })
    expect(await list(keys.batchMessages(SESSION, 'b1'))).toEqual([idOf(1), idOf(2)])
    expect(await ground.redis.pttl(keys.batch(SESSION, 'b1'))).toBeGreaterThan(110_000)
  })
})

describe('a session that nobody has judged', () => {
  it('takes messages only while its owner says that it is ready', async () => {
    expect(await accept(1, { isJudged: false })).toBe('not_judged')
    const token = await own()
    expect(await accept(1, { isJudged: false })).toBe('not_judged')
    await publishSession(ground.redis, {
      sessionId: SESSION,
      token,
      status: 'ready',
      reason: 'connected',
      fields: { account: '5511000000000' },
    })
    expect(await accept(1, { isJudged: false })).toBe(`accepted ${idOf(1)}`)
    expect((await recordOf(1))?.account).toBe('5511000000000')
    await ground.redis.del(keys.lease(SESSION))
    expect(await accept(2, { isJudged: false })).toBe('not_judged')
  })
})
