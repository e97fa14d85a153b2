import { DAY_MS, dayOf, nextDay, type Pacing, unpaced } from '@wsg/shared/messages/pacing.ts'
import { keys } from '@wsg/shared/redis/keys.ts'
import { acceptMessage } from '@wsg/shared/redis/message/accept-message.ts'
import { pauseQueue, setPacing } from '@wsg/shared/redis/session/queue-settings.ts'
import { describe, expect } from 'vitest'
import { untilDayLasts } from '../../support/same-day.ts'
import { waitFor } from '../../support/wait-for.ts'
import type { WorkerScript } from './worker-rig.ts'
import { workerTest } from './worker-test.ts'

const it = workerTest
  .extend('ready', ({ rig }) => async (pacing: Partial<Pacing> = {}, script: WorkerScript = {}) => {
    await untilDayLasts()
    return await rig.ready({ ...script, settings: { pacing: { ...unpaced, ...pacing } } })
  })
  .extend(
    'field',
    ({ rig }) =>
      (name: string) =>
        rig.redis.hget(keys.session(SESSION), name),
  )

const SESSION = 'sales'
const ACCOUNT = '5511000000000'
const ANNA = '5511111111111'
const stranger = (n: number) => `5521${100_000_000 + n}`

const ackedKey = () => keys.ackedOn(`${ACCOUNT}:${dayOf(Date.now())}`)

describe('the daily cap', () => {
  it('lets out as many as were acked, keeps the rest and says until when', async ({ rig, ready, field }) => {
    const [, whatsapp] = await ready({ dailyCap: 5 })
    const ids: string[] = []
    for (let n = 0; n < 30; n++) ids.push(await rig.send(SESSION, stranger(n), String(n)))
    await waitFor('the hold', () => field('heldUntil'))
    expect(whatsapp.bodies()).toHaveLength(5)
    expect(Number(await field('heldUntil'))).toBe(nextDay(Date.now()))
    expect(Number(await rig.redis.get(ackedKey()))).toBe(5)
    expect((await rig.record(SESSION, ids[5] as string)).state).toBe('queued')
  })

  it('is not forgotten by a takeover', async ({ rig, ready, field }) => {
    const [first, whatsapp] = await ready({ dailyCap: 3 })
    for (let n = 0; n < 6; n++) await rig.send(SESSION, stranger(n), String(n))
    await waitFor('the hold', () => field('heldUntil'))
    await rig.crash(first, SESSION)
    await rig.startWorker({ settings: { pacing: { ...unpaced, dailyCap: 4 } } })
    await rig.place(SESSION)
    await waitFor('one more', async () => (await rig.redis.get(ackedKey())) === '4')
    await waitFor('the hold', () => field('heldUntil'))
    expect(whatsapp.bodies()).toHaveLength(4)
  })

  it('goes on when the day is over', async ({ rig, ready, field }) => {
    const [, whatsapp] = await ready({ dailyCap: 2 })
    for (let n = 0; n < 4; n++) await rig.send(SESSION, stranger(n), String(n))
    await waitFor('the hold', () => field('heldUntil'))
    // As on the next day, on which nothing was acked.
    await rig.redis.del(ackedKey())
    await waitFor('the rest', () => whatsapp.bodies().length === 4)
  })

  it('ends with a higher one, at once', async ({ rig, ready, field }) => {
    const [, whatsapp] = await ready({ dailyCap: 2 })
    for (let n = 0; n < 4; n++) await rig.send(SESSION, stranger(n), String(n))
    await waitFor('the hold', () => field('heldUntil'))
    expect(await setPacing(rig.redis, SESSION, { dailyCap: 0 })).toBe('done')
    await rig.queueSettingsChanged(SESSION)
    await waitFor('the rest', () => whatsapp.bodies().length === 4)
    await waitFor('the end of the hold', async () => (await field('heldUntil')) === null)
    expect(JSON.parse((await field('pacingInForce')) as string)).toEqual(unpaced)
  })

  it('is lower for an account that was paired a short while ago', async ({ rig, ready, field }) => {
    const warmUp = { days: 10, startPerDay: 2 }
    const [, whatsapp] = await ready({ dailyCap: 100, warmUp }, {})
    await rig.redis.hset(keys.session(SESSION), 'pairedAt', Date.now())
    await rig.queueSettingsChanged(SESSION)
    for (let n = 0; n < 4; n++) await rig.send(SESSION, stranger(n), String(n))
    await waitFor('the hold', () => field('heldUntil'))
    expect(whatsapp.bodies()).toHaveLength(2)
    await rig.redis.hset(keys.session(SESSION), 'pairedAt', Date.now() - 11 * DAY_MS)
    await rig.queueSettingsChanged(SESSION)
    await waitFor('the rest', () => whatsapp.bodies().length === 4)
  })

  it('refuses what could not go out today, where it is told to', async ({ rig, ready, field }) => {
    await ready({ dailyCap: 3, overCap: 'refuse' })
    await waitFor('the cap to be known', () => field('refusedFrom'))
    let n = 0
    const accept = async (more = {}) => {
      const id = `3EB0${String(900 + n++).padStart(18, '0')}`
      const record = {
        id,
        sessionId: SESSION,
        to: stranger(n),
        recipient: stranger(n),
        content: { type: 'text' as const, text: 'x', linkPreview: true, mentions: [] },
      }
      const acceptance = { idempotency: null, maxQueued: 10, retentionMs: 1_000, isJudged: false }
      return (await acceptMessage(rig.redis, { ...acceptance, record: { ...record, ...more } })).outcome
    }
    await rig.redis.set(ackedKey(), 1)
    expect([await accept(), await accept(), await accept()]).toEqual([
      'accepted',
      'accepted',
      'daily_cap_reached',
    ])
    expect(await accept({ sendAt: Date.now() + DAY_MS })).toBe('accepted')
    await rig.redis.hset(keys.session(SESSION), 'refusedFrom', `${dayOf(Date.now()) - 1}:3`)
    expect(await accept()).toBe('accepted')
  })
})

describe('the pace', () => {
  it('keeps the gap within a chat and does not hold up the others', async ({ rig, ready }) => {
    const handedOver: { text: string; at: number }[] = []
    const [, whatsapp] = await ready(
      { chatGapMs: 1_000 },
      {
        script: (client) => {
          client.onSend = ({ messageId, body: text }) => {
            handedOver.push({ text, at: performance.now() })
            client.whatsapp.ack(messageId, 'sent', client)
          }
        },
      },
    )
    // All of it waits before any of it goes.
    await pauseQueue(rig.redis, SESSION, true)
    await rig.queueSettingsChanged(SESSION)
    for (const text of ['a1', 'a2', 'a3']) await rig.send(SESSION, ANNA, text)
    for (let n = 0; n < 20; n++) await rig.send(SESSION, stranger(n), `b${n}`)
    await pauseQueue(rig.redis, SESSION, false)
    await waitFor('everything', () => handedOver.length === 23)
    const at = (text: string) => handedOver.find((one) => one.text === text)?.at ?? 0
    expect(at('a2') - at('a1')).toBeGreaterThanOrEqual(995)
    expect(at('a3') - at('a2')).toBeGreaterThanOrEqual(995)
    expect(
      Math.max(...handedOver.filter(({ text }) => text.startsWith('b')).map((one) => one.at)),
    ).toBeLessThan(at('a3'))
    expect(whatsapp.bodies(`${ANNA}@c.us`)).toEqual(['a1', 'a2', 'a3'])
  })

  it('does not have a message wait for one before it that was never sent', async ({ rig, ready }) => {
    const [, whatsapp] = await ready({ chatGapMs: 60_000 })
    expect(await pauseQueue(rig.redis, SESSION, true)).toBe('done')
    await rig.queueSettingsChanged(SESSION)
    const taken = await rig.server.watch()
    const canceled = await rig.send(SESSION, ANNA, 'canceled')
    await waitFor('it to be taken up', () => taken.lines.some((line) => line.includes('ZRANGEBYSCORE')))
    taken.end()
    await rig.cancel(SESSION, canceled)
    await rig.send(SESSION, ANNA, 'sent')
    await pauseQueue(rig.redis, SESSION, false)
    await rig.queueSettingsChanged(SESSION)
    await waitFor('the other one', () => whatsapp.bodies().length === 1)
    expect(whatsapp.bodies()).toEqual(['sent'])
  })

  it('spreads messages over the minute, urgent ones first', async ({ rig, ready }) => {
    const [, whatsapp] = await ready({ perMinute: 150 })
    // All of it waits before any of it goes.
    await pauseQueue(rig.redis, SESSION, true)
    await rig.queueSettingsChanged(SESSION)
    for (let n = 0; n < 5; n++) await rig.send(SESSION, stranger(n), `b${n}`)
    await rig.send(SESSION, ANNA, 'urgent', { urgent: '1' })
    const startedAt = performance.now()
    await pauseQueue(rig.redis, SESSION, false)
    await waitFor('four', () => whatsapp.bodies().length >= 4)
    expect(performance.now() - startedAt).toBeGreaterThan(1_100)
    expect(whatsapp.bodies().slice(0, 3)).toContain('urgent')
    await waitFor('all', () => whatsapp.bodies().length === 6)
  })
})

describe('typing', () => {
  it('is shown before a text, and sends also where it cannot be shown', async ({ rig, ready }) => {
    let fails = false
    const [, whatsapp] = await ready(
      { typingMs: 50 },
      {
        script: (client) => {
          client.onTyping = () => {
            if (fails) throw new Error('not shown')
          }
        },
      },
    )
    await rig.untilState(SESSION, await rig.send(SESSION, ANNA, 'hello'), 'sent')
    expect(whatsapp.typed).toEqual([{ chatId: `${ANNA}@c.us`, state: 'typing' }])
    fails = true
    await rig.untilState(SESSION, await rig.send(SESSION, ANNA, 'again'), 'sent')
    expect(whatsapp.bodies()).toEqual(['hello', 'again'])
  })

  it('shows for a voice message that it is recorded, for so long as a text takes', async ({ rig, ready }) => {
    const [, whatsapp] = await ready({ typingMs: 50 })
    const content = { type: 'voice', media: { upload: 'a'.repeat(64) }, viewOnce: false } as const
    await rig.untilState(SESSION, await rig.send(SESSION, ANNA, 'voice', { content }), 'sent')
    expect(whatsapp.typed).toEqual([{ chatId: `${ANNA}@c.us`, state: 'recording' }])
  })

  it('is not shown where nobody in particular is addressed', async ({ rig, ready }) => {
    const [, whatsapp] = await ready({ typingMs: 50 })
    await rig.untilState(SESSION, await rig.send(SESSION, 'status@broadcast', 'hello'), 'sent')
    await rig.untilState(SESSION, await rig.send(SESSION, '120363025246125486@newsletter', 'news'), 'sent')
    expect(whatsapp.typed).toEqual([])
  })

  it('hangs, and the message goes out', async ({ rig, ready }) => {
    await ready({ typingMs: 50 }, { script: (client) => (client.onTyping = () => new Promise(() => {})) })
    await rig.untilState(SESSION, await rig.send(SESSION, ANNA, 'hello'), 'sent')
  })
})

describe('when an account was paired', () => {
  it('stays as it is while the same account comes back, and is new for another one', async ({
    rig,
    field,
  }) => {
    const worker = await rig.startWorker()
    const whatsapp = await rig.wantPaired(SESSION, { pairedAt: '1000' })
    await rig.untilView(SESSION, 'ready')
    expect(await field('pairedAt')).toBe('1000')
    whatsapp.account = '4915112345678'
    await rig.crash(worker, SESSION)
    await rig.startWorker()
    await rig.place(SESSION)
    await waitFor('the other account', async () => (await field('account')) === '4915112345678')
    expect(Number(await field('pairedAt'))).toBeGreaterThan(Date.now() - 60_000)
  })
})
