import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { type CollectedSpan, Collector } from '../support/collector.ts'
import { EventReader } from '../support/event-reader.ts'
import { Receiver, verify } from '../support/receiver.ts'
import { Stack } from '../support/stack.ts'
import { waitFor } from '../support/wait-for.ts'

const PHONES = { legacy: '5511911111111', '2026-09': '5511922222222' }
/** What came while the session was down. */
const MISSED = 1_000
const MARIA = '5511999887766'
/** WhatsApp keeps its chat under the hidden identity. */
const HIDDEN = '4915112345678'

let stack: Stack
let receiver: Receiver
let collector: Collector
beforeAll(async () => {
  collector = await Collector.start()
  stack = await Stack.start({
    simulator: { lidByNumber: { [HIDDEN]: 'all-under-lid' } },
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
  })
  receiver = await Receiver.start()
})
afterAll(async () => {
  await receiver.close()
  await stack.close()
  await collector.close()
})

describe.each(Object.entries(PHONES))('events of the %s build', (session, phone) => {
  it('reach webhooks and streams alike, each once, in order: what others write, what the phone writes, what we send, what was missed', async ({
    onTestFinished,
  }) => {
    const { api, simulator } = stack
    await simulator.set({ build: session })
    await stack.pair(session, phone)
    const put = await api.request('/webhooks/crm', { method: 'PUT', session, body: { url: receiver.url } })
    expect(put.status).toBe(200)
    const reader = await EventReader.open(api.address, api.token, { session })
    onTestFinished(() => reader.close())

    for (const text of ['Oi', 'Tudo bem?']) await simulator.inbound(phone, MARIA, text)
    await simulator.inbound(phone, HIDDEN, 'Hallo')
    await simulator.outbound(phone, MARIA, 'From the phone')
    const sent = await api.send(session, MARIA, 'From us', { reference: 'order-42' })
    expect(sent.status).toBe(200)
    const mine = () => receiver.taken.filter(({ event }) => event.sessionId === session)
    // The last of all: it is told after the status of the same receipt.
    const isRead = ({ event }: { event: { event: string; data: { ack?: number } } }) =>
      event.event === 'message.ack' && event.data.ack === 3
    await waitFor('the last receipt', () => mine().some(isRead) && reader.events.some(isRead))
    await waitFor('the same events', () => mine().length === reader.events.length)

    const bySequence = (a: { sequence: number }, b: { sequence: number }) => a.sequence - b.sequence
    const read = reader.events.map(({ event }) => event)
    expect(
      mine()
        .map(({ event }) => event)
        .toSorted(bySequence),
    ).toEqual(read)
    expect(new Set(read.map(({ id }) => id)).size).toBe(read.length)
    for (const received of mine()) verify(String(put.body.secret), received)

    const told = (name: string) => read.filter(({ event }) => event === name).map(({ data }) => data)
    expect(told('message')).toEqual([
      expect.objectContaining({
        text: 'Oi',
        type: 'text',
        chatId: `${MARIA}@c.us`,
        phone: MARIA,
        fromMe: false,
      }),
      expect.objectContaining({ text: 'Tudo bem?', lid: expect.stringMatching(/@lid$/) }),
      expect.objectContaining({ text: 'Hallo', chatId: expect.stringMatching(/@lid$/), phone: HIDDEN }),
    ])
    expect(told('message.any')).toEqual([
      expect.objectContaining({ text: 'From the phone', fromMe: true, chatId: `${MARIA}@c.us` }),
      expect.objectContaining({ text: 'From us', fromMe: true, id: sent.body.id, reference: 'order-42' }),
    ])
    const states = told('message.status').map(({ id, status }) => [id, status])
    expect(states).toEqual(['sent', 'delivered', 'read'].map((state) => [sent.body.id, state]))
    expect(told('message.ack').map(({ id, ack }) => [id, ack])).toEqual(
      [1, 2, 3].map((ack) => [sent.body.id, ack]),
    )

    // What came while nobody listened. On one build: it costs another browser.
    if (session === 'legacy') return
    const saying = (text: string) => mine().find(({ event }) => event.data.text === text)
    const unreadable = () => simulator.unreadable(phone, MARIA)
    const [meanwhile, afterwards] = [await unreadable(), await unreadable()]
    await simulator.inbound(phone, MARIA, 'newer than what cannot be read')
    await waitFor('it', () => saying('newer than what cannot be read'))
    await api.post('/session/stop', session)
    await api.until(session, 'stopped')
    for (let i = 0; i < MISSED; i++)
      await simulator.inbound(phone, i % 2 === 0 ? MARIA : HIDDEN, `missed ${i}`)
    await simulator.outbound(phone, MARIA, 'From the phone, unheard')
    await simulator.inbound(phone, MARIA, 'readable meanwhile', meanwhile)
    await api.post('/session/start', session)
    await api.until(session, 'ready')
    const missed = () => mine().filter(({ event }) => event.catchUp === true)
    await waitFor('what was missed', () => missed().length > MISSED + 1)
    await simulator.inbound(phone, MARIA, 'now')
    await waitFor('the next', () => saying('now'))
    await simulator.inbound(phone, MARIA, 'readable afterwards', afterwards)
    const { event } = await waitFor('it', () => saying('readable afterwards'))
    expect(event).toMatchObject({ event: 'message', data: { id: afterwards } })
    expect(missed()).toHaveLength(MISSED + 2)
    const first = missed().find(({ event: { data } }) => data.phone === MARIA)?.event
    expect(first?.data).toMatchObject({ id: meanwhile, text: 'readable meanwhile' })
    for (const chat of [MARIA, HIDDEN]) {
      const texts = missed().filter(({ event: { data } }) => data.phone === chat && data.id !== meanwhile)
      const order = texts.map(({ event }) => Number(/\d+/.exec(event.data.text)?.[0] ?? MISSED))
      expect(order).toEqual(order.toSorted((a, b) => a - b))
    }
    const all = mine().map(({ event }) => event.id)
    expect(new Set(all).size).toBe(all.length)
  })
})

test('a message, or an operation, is one trace, from its caller over the request and the worker to the webhook, and no span has its text or a number', async () => {
  const session = '2026-09'
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
  const headers = { traceparent: `00-${traceId}-00f067aa0ba902b7-01`, 'x-request-id': 'traced-request' }
  const text = 'A traced text'
  const { body } = await stack.api.post('/send', session, { to: MARIA, message: text }, headers)
  const typing = await stack.api.post(`/chats/${MARIA}/typing`, session, { state: 'typing' }, headers)
  expect(typing.status).toBe(200)
  const spans = await waitFor('its spans', () => {
    const found = collector.spans.filter((span) => span.traceId === traceId)
    const names = new Set(found.map(({ name }) => name))
    const wanted = ['POST /send', 'queue', 'send', 'webhook message.status', 'chat.typing']
    return wanted.every((name) => names.has(name)) && found
  })
  const span = (wanted: string) => spans.find(({ name }) => name === wanted) as CollectedSpan
  const request = span('POST /send')
  expect(request).toMatchObject({ service: 'whatsapp-session-gateway', parentSpanId: '00f067aa0ba902b7' })
  for (const [name, service] of [
    ['queue', 'worker'],
    ['send', 'worker'],
    ['webhook message.status', 'gateway'],
  ] as const)
    expect(span(name)).toMatchObject({
      service: `whatsapp-session-${service}`,
      parentSpanId: request.spanId,
    })
  expect(span('send').events?.map(({ name }) => name)).toEqual(['handed over', 'ack'])
  expect(span('send').attributes).toContainEqual({ key: 'wsg.message_id', value: { stringValue: body.id } })
  expect(span('chat.typing')).toMatchObject({
    service: 'whatsapp-session-worker',
    parentSpanId: span('POST /chats/:chatId/typing').spanId,
  })
  expect(request.attributes).toContainEqual({
    key: 'wsg.request_id',
    value: { stringValue: 'traced-request' },
  })
  const told = await waitFor('the webhook', () =>
    receiver.taken.find(({ event }) => event.event === 'message.status' && event.data.id === body.id),
  )
  expect(told.headers.traceparent).toContain(traceId)
  expect(told.event.data).toMatchObject({ requestId: 'traced-request' })
  const said = JSON.stringify(collector.spans)
  for (const secret of [text, 'From us', MARIA, HIDDEN, ...Object.values(PHONES)])
    expect(said).not.toContain(secret)
})
