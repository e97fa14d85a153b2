import { keys } from '@wsg/shared/redis/keys.ts'
import { pauseQueue } from '@wsg/shared/redis/session/queue-settings.ts'
import { NotHandedOver, SendDeadlinePassed } from '@wsg/worker/src/whatsapp/client-errors.ts'
import { describe, expect } from 'vitest'
import { waitFor } from '../../support/wait-for.ts'
import { workerTest } from './worker-test.ts'

const it = workerTest
  /** Sends to three chats, and the owner dies when each chat has one message in flight without an ack. */
  .extend('dieInFlight', ({ rig }) => async (count: number): Promise<string[]> => {
    const worker = await rig.startWorker({ script: (client) => (client.onSend = () => {}) })
    const whatsapp = await rig.wantPaired(SESSION)
    await rig.untilView(SESSION, 'ready')
    const ids: string[] = []
    for (let i = 0; i < count; i++) ids.push(await rig.send(SESSION, chatOf(i), String(i)))
    await waitFor('three in flight', () => whatsapp.handedOver.length === CHATS.length)
    await rig.crash(worker, SESSION)
    await worker.stop()
    return ids
  })

const SESSION = 'sales'
const CHATS = ['5511111111111', '5511222222222', '5511333333333']
const chatOf = (i: number) => CHATS[i % CHATS.length] as string

describe('a new owner', () => {
  it('sends the rest in order and nothing twice, and settles what was in flight', async ({
    rig,
    dieInFlight,
  }) => {
    const ids = await dieInFlight(30)
    const whatsapp = rig.whatsappOf(SESSION)
    const [acked, pending, absent] = ids as [string, string, string]
    whatsapp.ack(acked, 'delivered')
    whatsapp.outcomes.delete(absent)
    await rig.startWorker()
    await rig.place(SESSION)

    await rig.untilState(SESSION, acked, 'delivered')
    for (const id of [pending, absent])
      expect(await rig.untilState(SESSION, id, 'unknown')).toMatchObject({ reason: 'outcome_unknown' })
    for (const chat of [0, 1, 2]) {
      await rig.untilState(SESSION, ids.filter((_, i) => i % 3 === chat).at(-1) as string, 'sent')
      const expected = ids.flatMap((_, i) => (i % 3 === chat ? [String(i)] : []))
      expect(whatsapp.bodies(`${chatOf(chat)}@c.us`)).toEqual(expected)
    }
  })

  it('calls a message unknown whose record cannot be read, and goes on with its chat', async ({
    rig,
    dieInFlight,
  }) => {
    const ids = await dieInFlight(6)
    const [unreadable, , , behind] = ids as [string, string, string, string]
    await rig.redis.hset(keys.message(SESSION, unreadable), 'content', 'no JSON')
    await rig.startWorker()
    await rig.place(SESSION)
    await rig.untilState(SESSION, behind, 'sent')
    const [state, reason] = await rig.redis.hmget(keys.message(SESSION, unreadable), 'state', 'reason')
    expect({ state, reason }).toEqual({ state: 'unknown', reason: 'outcome_unknown' })
    expect(await rig.redis.smembers(keys.sending(SESSION))).toEqual([])
  })

  it('sends what the page holds again, and only its chat waits for that, where the operator chose so', async ({
    rig,
    dieInFlight,
  }) => {
    const ids = await dieInFlight(9)
    const whatsapp = rig.whatsappOf(SESSION)
    const pending = ids[1] as string
    for (const id of [ids[0], ids[2]]) whatsapp.ack(id as string)
    const { clients } = await rig.startWorker({
      settings: { resendAfterCrash: 'same-id' },
      script: (client) => {
        client.onSend = ({ messageId }) =>
          messageId === pending ? undefined : whatsapp.ack(messageId, 'sent', client)
      },
    })
    await rig.place(SESSION)
    const lastOf = (chat: number) => ids.filter((_, i) => i % 3 === chat).at(-1) as string
    await rig.untilState(SESSION, lastOf(0), 'sent')
    await rig.untilState(SESSION, lastOf(2), 'sent')
    expect(await rig.record(SESSION, pending)).toMatchObject({
      state: 'sending',
      resentAt: expect.any(Number),
    })
    expect(await rig.record(SESSION, ids[0] as string)).not.toHaveProperty('resentAt')
    expect(whatsapp.bodies(`${chatOf(1)}@c.us`)).toEqual(['1', '1'])

    whatsapp.ack(pending, 'sent', clients[0])
    await rig.untilState(SESSION, lastOf(1), 'sent')
    expect((await rig.record(SESSION, pending)).state).toBe('sent')
    expect(whatsapp.bodies(`${chatOf(1)}@c.us`)).toEqual(['1', '1', '4', '7'])
  })

  it('corrects what it called unknown when a receipt comes, under it or before the next owner', async ({
    rig,
    dieInFlight,
  }) => {
    const [heard, missed] = (await dieInFlight(3)) as [string, string]
    const whatsapp = rig.whatsappOf(SESSION)
    const second = await rig.startWorker()
    await rig.place(SESSION)
    for (const [i, id] of [heard, missed].entries())
      expect(await rig.untilState(SESSION, id, 'unknown')).toMatchObject({
        messageId: `true_${chatOf(i)}@c.us_${id}`,
      })
    whatsapp.ack(heard, 'delivered', second.clients[0])
    await rig.untilState(SESSION, heard, 'delivered')
    await rig.crash(second, SESSION)
    await second.stop()
    whatsapp.ack(missed, 'read')
    await rig.startWorker()
    await rig.place(SESSION)
    await rig.untilState(SESSION, missed, 'read')
    expect(whatsapp.bodies().sort()).toEqual(['0', '1', '2'])
  })

  it('finds the receipts that came while no page was there, of what was sent as well', async ({ rig }) => {
    const first = await rig.startWorker()
    const whatsapp = await rig.wantPaired(SESSION)
    const ids = [await rig.send(SESSION, chatOf(0), 'a'), await rig.send(SESSION, chatOf(1), 'b')] as const
    for (const id of ids) await rig.untilState(SESSION, id, 'sent')
    await rig.crash(first, SESSION)
    await first.stop()
    whatsapp.ack(ids[0], 'read')
    const second = await rig.startWorker()
    await rig.place(SESSION)
    await rig.untilState(SESSION, ids[0], 'read')
    whatsapp.ack(ids[1], 'delivered', second.clients[0])
    await rig.untilState(SESSION, ids[1], 'delivered')
  })

  it('ends where the page was loaded anew under a message without an ack, and the next one finds it out', async ({
    rig,
  }) => {
    const worker = await rig.startWorker({ script: (client) => (client.onSend = () => {}) })
    const whatsapp = await rig.wantPaired(SESSION)
    const id = await rig.send(SESSION, chatOf(0), 'a')
    await waitFor('it to be handed over', () => whatsapp.handedOver.length === 1)
    worker.clients[0]?.hear('reloaded')
    await waitFor('the worker to end', () => worker.deaths.length > 0)
    expect(worker.deaths).toEqual(['unexpected'])
    whatsapp.ack(id, 'delivered')
    await rig.startWorker()
    await rig.untilState(SESSION, id, 'delivered')
  })

  it('ends its page at the deadline of what has no ack, where WhatsApp is not connected by then', async ({
    rig,
  }) => {
    const killedAt: number[] = []
    const worker = await rig.startWorker({
      settings: { leaseTtlMs: 5_000 },
      script: (client) => {
        client.onSend = ({ messageId, body }) =>
          body === 'acked' ? client.whatsapp.ack(messageId, 'sent', client) : undefined
        const kill = client.kill.bind(client)
        client.kill = () => {
          killedAt.push(Date.now())
          kill()
        }
      },
    })
    const whatsapp = await rig.wantPaired(SESSION)
    const hear = (connected: boolean) => worker.clients[0]?.hear('connection', connected)
    await rig.untilState(SESSION, await rig.send(SESSION, chatOf(1), 'acked'), 'sent')
    hear(false)
    hear(true)
    const id = await rig.send(SESSION, chatOf(0), 'a')
    const [, handedOver] = await waitFor(
      'it to be handed over',
      () => whatsapp.handedOver[1] && whatsapp.handedOver,
    )
    hear(false)
    hear(true)
    expect(killedAt).toEqual([])
    hear(false)
    await waitFor('the worker to end', () => worker.deaths.length > 0)
    expect(killedAt[0]).toBeLessThanOrEqual(handedOver?.deadline ?? 0)
    whatsapp.ack(id, 'delivered')
    await rig.startWorker()
    await rig.untilState(SESSION, id, 'delivered')
  })

  it('goes on where the page was loaded anew and everything has its ack', async ({ rig }) => {
    const worker = await rig.startWorker()
    await rig.wantPaired(SESSION)
    await rig.untilState(SESSION, await rig.send(SESSION, chatOf(0), 'a'), 'sent')
    worker.clients[0]?.hear('reloaded')
    await rig.untilState(SESSION, await rig.send(SESSION, chatOf(0), 'b'), 'sent')
    expect(worker.deaths).toEqual([])
  })

  it("writes WhatsApp's full id of a message whose ack comes before it was resolved", async ({
    rig,
    dieInFlight,
  }) => {
    const [early, pending, acked] = (await dieInFlight(3)) as [string, string, string]
    const whatsapp = rig.whatsappOf(SESSION)
    whatsapp.ack(acked)
    const { clients } = await rig.startWorker({
      settings: { resendAfterCrash: 'same-id' },
      script: (client) => {
        client.onSend = () => {}
        client.events.on('ready', () => setImmediate(() => whatsapp.ack(early, 'sent', client)))
      },
    })
    await rig.place(SESSION)
    const fullId = (i: number, id: string) => `true_${chatOf(i)}@c.us_${id}`
    expect(await rig.untilState(SESSION, early, 'sent')).toMatchObject({ messageId: fullId(0, early) })
    const handedOver = () => whatsapp.handedOver.filter(({ messageId }) => messageId === pending)
    await waitFor('it to be handed over again', () => handedOver().length === 2)
    whatsapp.ack(pending, 'delivered', clients[0])
    expect(await rig.untilState(SESSION, pending, 'delivered')).toMatchObject({
      messageId: fullId(1, pending),
    })
  })

  it('does not call what may have left failed, nor sent again, where the page does not take it again', async ({
    rig,
    dieInFlight,
  }) => {
    const [id, resent, late] = (await dieInFlight(3)) as [string, string, string]
    const earlier = Date.now() - 60_000
    await rig.redis.hset(keys.message(SESSION, resent), 'resentAt', earlier)
    await rig.startWorker({
      settings: { resendAfterCrash: 'same-id' },
      script: (client) => {
        client.onSend = ({ messageId }) => {
          if (messageId === late) throw new SendDeadlinePassed('made by the test')
          throw new NotHandedOver('send_failed', 'made by the test')
        }
      },
    })
    await rig.place(SESSION)
    for (const messageId of [id, late]) {
      const record = await rig.untilState(SESSION, messageId, 'unknown')
      expect(record).toMatchObject({ reason: 'outcome_unknown' })
      expect(record).not.toHaveProperty('resentAt')
    }
    expect(await rig.untilState(SESSION, resent, 'unknown')).toMatchObject({ resentAt: earlier })
  })

  it('does not send again what a receipt came for while it waited for its turn', async ({
    rig,
    dieInFlight,
  }) => {
    const ids = await dieInFlight(6)
    const whatsapp = rig.whatsappOf(SESSION)
    for (const id of ids) whatsapp.outcomes.delete(id)
    await pauseQueue(rig.redis, SESSION, true)
    const { clients } = await rig.startWorker({ settings: { resendAfterCrash: 'same-id' } })
    await rig.place(SESSION)
    await rig.untilView(SESSION, 'ready')
    const [id, , , behind] = ids as [string, string, string, string]
    clients[0]?.hear('ack', id, 'delivered')
    await rig.untilState(SESSION, id, 'delivered')
    await pauseQueue(rig.redis, SESSION, false)
    await rig.untilState(SESSION, behind, 'sent')
    expect(await rig.record(SESSION, id)).not.toHaveProperty('resentAt')
    expect(whatsapp.bodies(`${chatOf(0)}@c.us`)).toEqual(['0', '3'])
  })

  it('sends an unknown message again under its id, before later ones, where the operator chose so', async ({
    rig,
    dieInFlight,
  }) => {
    const ids = await dieInFlight(9)
    const whatsapp = rig.whatsappOf(SESSION)
    for (const id of ids) whatsapp.outcomes.delete(id)
    await rig.startWorker({ settings: { resendAfterCrash: 'same-id' } })
    await rig.place(SESSION)
    for (const id of ids) await rig.untilState(SESSION, id, 'sent')
    for (const chat of [0, 1, 2]) {
      const expected = ids.flatMap((_, i) => (i % 3 === chat ? [String(i)] : []))
      expect(whatsapp.bodies(`${chatOf(chat)}@c.us`)).toEqual([expected[0], ...expected])
    }
    const copies = whatsapp.handedOver.filter(({ body }) => body === '0').map(({ messageId }) => messageId)
    expect(copies).toEqual([ids[0], ids[0]])
  })

  it('looks up whom an unknown message mentions before it sends it again', async ({ rig, dieInFlight }) => {
    const [id] = (await dieInFlight(3)) as [string]
    const whatsapp = rig.whatsappOf(SESSION)
    whatsapp.outcomes.delete(id)
    whatsapp.numbers.set('551133333333', { chatId: '5511933333333@c.us' })
    const content = { type: 'text', text: 'hello @you', mentions: ['551133333333'] }
    await rig.redis.hset(`wsg:{${SESSION}}:message:${id}`, 'content', JSON.stringify(content))
    await rig.startWorker({ settings: { resendAfterCrash: 'same-id' } })
    await rig.place(SESSION)
    await rig.untilState(SESSION, id, 'sent')
    const copies = whatsapp.handedOver.filter(({ messageId }) => messageId === id)
    expect(copies.at(-1)?.options.mentionedJidList).toEqual(['5511933333333@c.us'])
    expect(copies).toHaveLength(2)
  })

  it('never sends again from another account', async ({ rig, dieInFlight }) => {
    const ids = await dieInFlight(3)
    const whatsapp = rig.whatsappOf(SESSION)
    for (const id of ids) {
      whatsapp.outcomes.delete(id)
      await rig.redis.hset(`wsg:{${SESSION}}:message:${id}`, 'account', '5511999999999')
    }
    await rig.startWorker({ settings: { resendAfterCrash: 'same-id' } })
    await rig.place(SESSION)
    for (const id of ids) await rig.untilState(SESSION, id, 'unknown')
    expect(whatsapp.handedOver).toHaveLength(3)
  })

  it('survives its own death in the middle of taking over', async ({ rig, dieInFlight }) => {
    const ids = await dieInFlight(12)
    const whatsapp = rig.whatsappOf(SESSION)
    for (let deaths = 0; deaths < 2; deaths++) {
      const worker = await rig.startWorker({ script: (client) => (client.onSend = () => {}) })
      await rig.place(SESSION)
      await rig.untilView(SESSION, 'ready')
      await rig.crash(worker, SESSION)
      await worker.stop()
    }
    await rig.startWorker()
    await rig.place(SESSION)
    for (const last of ids.slice(-3)) await rig.untilState(SESSION, last, 'sent')
    for (const id of ids.slice(0, 3)) await rig.untilState(SESSION, id, 'unknown')
    expect(whatsapp.bodies().sort((a, b) => Number(a) - Number(b))).toEqual(ids.map((_, i) => String(i)))
  })
})
