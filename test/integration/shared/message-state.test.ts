import { keys } from '@wsg/shared/redis/keys.ts'
import { moveMessage } from '@wsg/shared/redis/message/move-message.ts'
import { readQueue } from '@wsg/shared/redis/message/read-queue.ts'
import { readSnapshot } from '@wsg/shared/redis/session/snapshot.ts'
import { describe, expect, it } from 'vitest'
import { waitFor } from '../../support/wait-for.ts'
import { idOf, SESSION, scriptGround } from './script-ground.ts'

const ground = scriptGround()
const { own, accept, move } = ground

describe('a message', () => {
  it('is accepted once per Idempotency-Key, and a different body under it is told apart', async () => {
    const id = idOf(1)
    expect(await accept(1, { idempotencyKey: 'key' })).toBe(`accepted ${id}`)
    expect(await accept(1, { idempotencyKey: 'key' })).toBe(`replayed ${id}`)
    expect(await accept(2, { idempotencyKey: 'key' })).toBe(`reused ${id}`)
    expect(await ground.redis.exists(keys.message(SESSION, idOf(2)))).toBe(0)
  })

  it('is refused when too many wait', async () => {
    for (const number of [1, 2, 3]) expect(await accept(number)).toMatch(/^accepted/)
    expect(await accept(4)).toBe('queue_full')
  })

  it('is read with all that it says, and begun by one owner, once', async () => {
    const token = await own()
    await accept(1)
    expect(await readQueue(ground.redis, SESSION, { after: 0, limit: 9 })).toMatchObject([
      { id: idOf(1), content: { text: 'text 1' }, sequence: 1 },
    ])
    expect(await move(1, 'sending', token)).toMatchObject({ moved: true, to: 'sending' })
    expect(await move(1, 'sending', token)).toEqual({ moved: false, why: 'refused', state: 'sending' })
    expect(await ground.redis.smembers(keys.sending(SESSION))).toHaveLength(1)
    expect(await ground.redis.zcard(keys.queued(SESSION))).toBe(0)
  })

  it('that was begun cannot be canceled, and one that was canceled cannot be begun', async () => {
    const token = await own()
    await accept(1)
    await accept(2)
    await move(1, 'sending', token)
    expect(await move(1, 'canceled')).toMatchObject({ moved: false, why: 'refused' })
    expect(await move(2, 'canceled')).toMatchObject({ moved: true })
    expect(await move(2, 'sending', token)).toMatchObject({ moved: false, why: 'refused', state: 'canceled' })
  })

  it('that expired while it waited is not begun', async () => {
    const token = await own()
    await accept(1, { expiresInMs: -1 })
    expect(await move(1, 'sending', token)).toMatchObject({ moved: true, to: 'expired' })
    expect(await ground.redis.pttl(keys.message(SESSION, idOf(1)))).toBeGreaterThan(0)
  })

  it('is counted once, whatever acks follow', async () => {
    const token = await own()
    await accept(1)
    await move(1, 'sending', token)
    await move(1, 'unknown', token)
    await move(1, 'sent', token)
    await moveMessage(ground.redis, {
      sessionId: SESSION,
      messageId: idOf(1),
      to: 'read',
      retentionMs: 60_000,
    })
    expect((await readSnapshot(ground.redis, SESSION)).fields.messageCount).toBe('1')
  })

  it('keeps its place when it is put back', async () => {
    const token = await own()
    await accept(1)
    await accept(2)
    await move(1, 'sending', token)
    await move(1, 'queued', token)
    expect(await ground.redis.zrange(keys.queued(SESSION), '0', '0')).toEqual([idOf(1)])
  })

  it('wakes the gateway that waits for it when its outcome is known', async () => {
    const token = await own()
    await accept(1)
    const listener = ground.redis.duplicate({ enableOfflineQueue: true })
    try {
      const woken: string[] = []
      listener.on('message', (_channel, text: string) => woken.push(text.split(' ', 1)[0] ?? ''))
      await listener.subscribe(keys.wake('g1'))
      await move(1, 'sending', token)
      await move(1, 'sent', token)
      await waitFor('the wake', () => woken.length > 0)
      expect(woken).toEqual([idOf(1)])
    } finally {
      listener.disconnect()
    }
  })
})
