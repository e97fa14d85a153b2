import { keys } from '@wsg/shared/redis/keys.ts'
import { heardAnswers, releaseUnanswered } from '@wsg/shared/redis/message/accept-message.ts'
import { describe, expect, it } from 'vitest'
import { idOf, SESSION, scriptGround } from './script-ground.ts'

const ground = scriptGround()
const { own, accept, move } = ground
const unheard = { isHeard: false }

describe('a message of which its gateway may not know', () => {
  it('is not handed over before the gateway says that it does', async () => {
    const token = await own()
    await accept(1, unheard)
    expect(await move(1, 'sending', token)).toEqual({ moved: false, why: 'unanswered' })
    await heardAnswers(ground.redis, [{ sessionId: SESSION, id: idOf(1) }])
    expect(await move(1, 'sending', token)).toMatchObject({ moved: true, to: 'sending' })
  })

  it('may be canceled, and is in doubt no longer then', async () => {
    await accept(1, unheard)
    expect(await move(1, 'canceled')).toMatchObject({ moved: true })
    expect(await ground.redis.zcard(keys.unanswered)).toBe(0)
  })

  it('is let go of when it has been so for long, and not before', async () => {
    const token = await own()
    await accept(1, unheard)
    const acceptedAt = Number(await ground.redis.zscore(keys.unanswered, `${SESSION}/${idOf(1)}`))
    expect(await releaseUnanswered(ground.redis, acceptedAt - 1)).toBe(0)
    expect(await move(1, 'sending', token)).toMatchObject({ moved: false })
    expect(await releaseUnanswered(ground.redis, acceptedAt)).toBe(1)
    expect(await move(1, 'sending', token)).toMatchObject({ moved: true })
  })

  it('is none where it came with an Idempotency-Key: nobody takes it back', async () => {
    const token = await own()
    await accept(1, { ...unheard, idempotencyKey: 'k' })
    expect(await move(1, 'sending', token)).toMatchObject({ moved: true })
  })

  it('is in doubt while it is scheduled, too', async () => {
    await accept(1, { ...unheard, record: { sendAt: Date.now() + 60_000 } })
    expect(await ground.redis.zcard(keys.unanswered)).toBe(1)
  })
})
