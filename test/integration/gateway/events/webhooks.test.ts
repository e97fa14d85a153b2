import { describe, expect } from 'vitest'
import { Receiver, verify } from '../../../support/receiver.ts'
import { waitFor } from '../../../support/wait-for.ts'
import { gatewayTest } from '../gateway-test.ts'
import { hear } from '../hear.ts'

const MARIA = '5511999887766@c.us'
const JOAO = '5511888776655@c.us'

const it = gatewayTest.extend('receiver', async ({ emptied: _ }, { onCleanup }) => {
  const receiver = await Receiver.start()
  onCleanup(() => receiver.close())
  return receiver
})

describe('webhooks', () => {
  it('posts an event once, with the envelope of all readers, signed as Standard Webhooks say', async ({
    gateway,
    ready,
    receiver,
  }) => {
    const worker = await ready('shop')
    const made = await gateway.ask('PUT', '/webhooks/crm', { session: 'shop', body: { url: receiver.url } })
    expect(made).toMatchObject({
      status: 200,
      body: { name: 'crm', sessionId: 'shop', events: ['*'], enabled: true, warnings: [] },
    })
    const { secret } = made.body
    expect(secret).toMatch(/^whsec_/)
    const [id] = await hear(worker, MARIA, 'Oi')
    await waitFor('the event', () => receiver.requests.length > 0)

    const [received] = receiver.requests
    expect(received?.event).toEqual({
      id: expect.stringMatching(/^evt_[0-9a-f]{24}$/),
      sequence: expect.any(Number),
      timestamp: expect.stringMatching(/Z$/),
      event: 'message',
      sessionId: 'shop',
      account: { phone: '5511900000000', pushName: 'Shop' },
      data: { id, chatId: MARIA, text: 'Oi', fromMe: false },
    })
    expect(received?.headers['webhook-id']).toBe(received?.event.id)
    verify(secret, received as never)
    // Told again by the page: the same occurrence.
    await waitFor('nothing to be due', async () => {
      const { body } = await gateway.get('/webhooks/crm', 'shop')
      return body.deliveries.pending === 0
    })
    expect(receiver.requests).toHaveLength(1)
    expect((await gateway.get('/webhooks/crm', 'shop')).body).not.toHaveProperty('secret')
    expect((await gateway.get('/webhooks', 'shop')).body.items).toHaveLength(1)
    expect((await gateway.ask('DELETE', '/webhooks/crm', { session: 'shop' })).status).toBe(200)
    expect((await gateway.get('/webhooks/crm', 'shop')).status).toBe(404)
  })

  it('tells of what happens twice for one reason twice, each under an id of its own', async ({
    gateway,
    ready,
    receiver,
  }) => {
    const worker = await ready('shop')
    const body = { url: receiver.url, events: ['session.status'] }
    await gateway.ask('PUT', '/webhooks/crm', { session: 'shop', body })
    for (const _twice of [1, 2]) {
      await worker.publish('failed', 'logged_out')
      await worker.publish('initializing', 'starting')
    }
    await waitFor('all', () => receiver.taken.length >= 4)
    const reasons = receiver.taken.map(({ event }) => event.data.reason)
    expect(reasons).toEqual(['logged_out', 'starting', 'logged_out', 'starting'])
    expect(new Set(receiver.taken.map(({ event }) => event.id)).size).toBe(4)
  })

  it('keeps a chat in order through failures and holds up no other chat', async ({
    gateway,
    ready,
    receiver,
  }) => {
    const worker = await ready('shop')
    let failures = 0
    receiver.answer = ({ event }) => (event.data.text === 'one' && failures++ < 2 ? 500 : 200)
    await gateway.ask('PUT', '/webhooks/crm', {
      session: 'shop',
      body: { url: receiver.url, events: ['message'] },
    })
    await hear(worker, MARIA, 'one', 'two', 'three')
    await hear(worker, JOAO, 'other')
    await waitFor('all', () => receiver.taken.length === 4)
    const texts = receiver.taken.map(({ event }) => event.data.text)
    expect(texts[0]).toBe('other')
    expect(texts.slice(1)).toEqual(['one', 'two', 'three'])
    const ones = receiver.requests.filter(({ event }) => event.data.text === 'one')
    expect(new Set(ones.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
    expect(new Set(ones.map(({ body }) => body)).size).toBe(1)
    expect(ones).toHaveLength(3)
    expect(receiver.mostAtOnce).toBe(1)
  })

  it('disables a webhook whose receiver is gone, lists what it did not take, and sends that again when asked', async ({
    gateway,
    ready,
    receiver,
  }) => {
    const worker = await ready('shop')
    receiver.answer = () => 410
    await gateway.ask('PUT', '/webhooks/crm', { session: 'shop', body: { url: receiver.url } })
    await hear(worker, MARIA, 'one', 'two')
    const { body } = await waitFor('the end', async () => {
      const answer = await gateway.get('/webhooks/crm', 'shop')
      return answer.body.enabled === false && answer
    })
    expect(body).toMatchObject({ ended: { reason: 'gone' }, deliveries: { pending: 0, dead: 2 } })
    expect(receiver.requests).toHaveLength(1)

    const list = await gateway.get('/webhooks/crm/deliveries?status=dead&limit=1', 'shop')
    expect(list.body).toMatchObject({ items: [{ status: 'dead', chatId: MARIA }], nextCursor: '1' })
    receiver.answer = () => 200
    await gateway.ask('PUT', '/webhooks/crm', { session: 'shop', body: { url: receiver.url } })
    expect((await gateway.post('/webhooks/crm/redeliver', 'shop', { status: 'dead' })).body.redelivered).toBe(
      2,
    )
    await waitFor('both', () => receiver.taken.length === 2)
    expect(receiver.taken.map(({ event }) => event.data.text).toSorted()).toEqual(['one', 'two'])
    const delivered = await waitFor('the list', async () => {
      const { body } = await gateway.get('/webhooks/crm/deliveries?status=delivered', 'shop')
      return body.items.length === 2 && body.items
    })
    expect(delivered[0]).toMatchObject({ attempts: 1, lastAttempt: { httpStatus: 200, answer: 'thanks' } })
    expect(delivered[0].earlierAttempts).toEqual([])

    const again = `/webhooks/crm/deliveries/${delivered[0].id}/redeliver`
    receiver.answer = () => (receiver.requests.length < 4 ? 503 : 200)
    expect((await gateway.post(again, 'shop')).status).toBe(200)
    await waitFor('it again', () => receiver.taken.length === 3)
    expect(receiver.taken[2]?.event.id).toBe(delivered[0].id)
    const twice = await waitFor('both attempts in the list', async () => {
      const { body } = await gateway.get('/webhooks/crm/deliveries?status=delivered&limit=1', 'shop')
      return body.items[0].attempts === 2 && body.items[0]
    })
    expect(twice).toMatchObject({
      lastAttempt: { httpStatus: 200 },
      earlierAttempts: [
        { at: expect.any(String), httpStatus: 503, tookMs: expect.any(Number), answer: 'no, not now' },
      ],
    })
    const none = await gateway.post('/webhooks/crm/deliveries/evt_0/redeliver', 'shop')
    expect(none).toMatchObject({ status: 404, body: { code: 'delivery_not_found' } })
  })

  it("gives others' messages under one id to whoever asks for message or message.any, and warns of twins", async ({
    gateway,
    ready,
    receiver,
  }) => {
    const worker = await ready('shop')
    await gateway.ask('PUT', '/webhooks/all', { body: { url: receiver.url, events: ['message.any'] } })
    const twin = await gateway.ask('PUT', '/webhooks/one', {
      session: 'shop',
      body: { url: receiver.url, events: ['message'] },
    })
    expect(twin.body.warnings).toEqual([expect.stringContaining('all for all sessions')])
    const body = {
      url: `${receiver.url}`.replace('/hook', ':80/hook').replace(/:\d+:80/, `:${receiver.port}`),
    }
    for (const [events, warnings] of [
      [['*'], [expect.stringContaining('one for the session shop')]],
      [['session.status'], []],
      [['message.any'], [expect.stringContaining('one for the session shop')]],
    ])
      expect(
        (await gateway.ask('PUT', '/webhooks/all', { body: { ...body, events } })).body.warnings,
      ).toEqual(warnings)
    await hear(worker, MARIA, 'Oi')
    await waitFor('both', () => receiver.requests.length === 2)
    expect(receiver.requests.map(({ event }) => event.event).sort()).toEqual(['message', 'message.any'])
    expect(new Set(receiver.requests.map(({ event }) => event.id)).size).toBe(1)
    await gateway.ask('DELETE', '/webhooks/all')
  })

  it('follows a send: the message itself, its states and acks, with our id and reference', async ({
    gateway,
    ready,
    receiver,
  }) => {
    const worker = await ready('shop')
    await gateway.ask('PUT', '/webhooks/crm', {
      session: 'shop',
      body: { url: receiver.url, events: ['message.status', 'message.ack', 'message.any'] },
    })
    worker.takeSends('sent')
    const { body } = await gateway.send('shop', { reference: 'order-42' })
    await waitFor('them', () => receiver.requests.length === 3)
    const byName = Object.fromEntries(receiver.requests.map(({ event }) => [event.event, event.data]))
    expect(byName['message.any']).toMatchObject({
      ...{ id: body.id, fromMe: true, type: 'text', text: 'Hello', reference: 'order-42', ack: 1 },
      ...{ chatId: MARIA, phone: '5511999887766', mentions: [], from: { phone: '5511900000000' } },
    })
    expect(byName['message.status']).toMatchObject({ id: body.id, status: 'sent', reference: 'order-42' })
    expect(byName['message.ack']).toMatchObject({ id: body.id, ack: 1, ackName: 'server' })
  })

  it("a refusal of WhatsApp's server is told with its number and what it means", async ({
    gateway,
    ready,
    receiver,
  }) => {
    const worker = await ready('shop')
    await gateway.ask('PUT', '/webhooks/crm', {
      session: 'shop',
      body: { url: receiver.url, events: ['message.status'] },
    })
    worker.takeSends('failed', { reason: 'send_failed', detail: 'the cap', refusal: '475' })
    await gateway.send('shop')
    const { event } = await waitFor('it', () => receiver.requests[0])
    expect(event.data).toMatchObject({
      ...{ status: 'failed', reason: 'send_failed' },
      whatsapp: { code: 475, meaning: 'the cap' },
    })
  })
})
