import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { EventStreams } from '@wsg/gateway/src/events/event-stream.ts'
import { createLogger } from '@wsg/shared/logger.ts'
import { appendEvents } from '@wsg/shared/redis/event/append-events.ts'
import { expect } from 'vitest'
import { EventReader } from '../../../support/event-reader.ts'
import { waitFor } from '../../../support/wait-for.ts'
import { gatewayTest } from '../gateway-test.ts'
import { GatewayUnderTest } from '../gateway-under-test.ts'
import { hear } from '../hear.ts'

const TOKEN = 'token-of-the-tests'
const MARIA = '5511999887766@c.us'
const JOAO = '5511888776655@c.us'

const it = gatewayTest.extend('listening', ({ server }, { onCleanup }) => {
  const gateways: GatewayUnderTest[] = []
  onCleanup(async () => void (await Promise.all(gateways.map((gateway) => gateway.close()))))
  return async () => {
    const gateway = await GatewayUnderTest.start(server.url)
    gateways.push(gateway)
    await gateway.gateway.app.listen({ host: '127.0.0.1', port: 0 })
    const { port } = gateway.gateway.app.server.address() as AddressInfo
    const close = async () => {
      gateways.splice(gateways.indexOf(gateway), 1)
      await gateway.close()
    }
    return { close, port, address: `http://127.0.0.1:${port}` }
  }
})

it('a reader gets what it asked for, of one session or of all, from where it left off', async ({
  listening,
  ready,
  onTestFinished,
}) => {
  const { address } = await listening()
  const open = async (asked: Parameters<typeof EventReader.open>[2]) => {
    const reader = await EventReader.open(address, TOKEN, asked)
    onTestFinished(() => reader.close())
    return reader
  }
  const texts = ({ events }: EventReader) => events.map(({ event }) => event.data.text)
  const shop = await ready('shop')
  const bar = await ready('bar')
  const ofAll = await open({ query: '?types=message' })
  const ofShop = await open({ session: 'shop', query: '?types=message,message.ack' })
  const ofMaria = await open({ session: 'shop', query: '?types=message.any&chats=%2B55%2011%2099988-7766' })
  await hear(shop, MARIA, 'one')
  await hear(bar, JOAO, 'two')
  await hear(shop, JOAO, 'three')
  await waitFor('them', () => ofAll.events.length === 3 && ofShop.events.length === 2)
  expect(texts(ofAll)).toEqual(['one', 'two', 'three'])
  expect(texts(ofShop)).toEqual(['one', 'three'])
  await waitFor('hers', () => ofMaria.events.length === 1)
  expect(ofMaria.events[0]).toMatchObject({ name: 'message.any', event: { event: 'message.any' } })
  expect(ofMaria.events[0]?.event.id).toBe(ofShop.events[0]?.event.id)

  const first = ofAll.events[0]?.id as string
  expect(texts(await resumed({ after: first }, 2))).toEqual(['two', 'three'])
  expect(texts(await resumed({ session: 'shop', after: first }, 1))).toEqual(['three'])

  async function resumed(asked: Parameters<typeof EventReader.open>[2], count: number) {
    const reader = await open({ ...asked, query: '?types=message' })
    await waitFor('the rest', () => reader.events.length === count)
    return reader
  }
})

it('what the page tells again is one event', async ({ listening, ready, onTestFinished }) => {
  const { address } = await listening()
  const worker = await ready('shop')
  const reader = await EventReader.open(address, TOKEN, { session: 'shop' })
  onTestFinished(() => reader.close())
  const tell = (occurrence: string) =>
    appendEvents(worker.redis, {
      sessionId: 'shop',
      token: worker.token,
      events: [{ event: 'message', occurrence, chats: [MARIA], data: { id: occurrence } }],
    })
  expect(await tell('one')).toBe(1)
  expect(await tell('one')).toBe(0)
  expect(await tell('two')).toBe(1)
  await worker.die()
  expect(await tell('three')).toBe('fenced')
  await waitFor('both', () => reader.events.length === 2)
  const sequences = reader.events.map(({ event }) => event.sequence)
  expect(sequences[1]).toBe(sequences[0] + 1)
})

it('each change of the state is one event, and the same word again is none', async ({
  listening,
  ready,
  onTestFinished,
}) => {
  const { address } = await listening()
  const worker = await ready('shop')
  const reader = await EventReader.open(address, TOKEN, { session: 'shop', query: '?types=session.status' })
  onTestFinished(() => reader.close())
  await worker.publish('ready', 'connected', { memoryMb: '200' })
  await worker.publish('initializing', 'reconnecting')
  await worker.publish('ready', 'connected')
  await worker.publish('failed', 'logged_out')
  await waitFor('them', () => reader.events.length === 3)
  expect(reader.events.map(({ event }) => event.data)).toEqual([
    { status: 'initializing', reason: 'reconnecting' },
    { status: 'ready', reason: 'connected' },
    { status: 'failed', reason: 'logged_out' },
  ])
  expect(new Set(reader.events.map(({ event }) => event.id)).size).toBe(3)
})

it('a reader is told that the gateway closes, and misses nothing at another', async ({
  listening,
  ready,
  onTestFinished,
}) => {
  const worker = await ready('shop')
  const closing = await listening()
  const reader = await EventReader.open(closing.address, TOKEN, { session: 'shop' })
  await hear(worker, MARIA, 'one')
  await waitFor('the first', () => reader.events.length === 1)
  await closing.close()
  await reader.ended
  expect(reader.endReason).toBe('closing')
  await hear(worker, MARIA, 'two')
  const other = await listening()
  const again = await EventReader.open(other.address, TOKEN, { session: 'shop', after: reader.lastId })
  onTestFinished(() => again.close())
  await waitFor('the second', () => again.events.length === 1)
  expect(again.events[0]?.event.data.text).toBe('two')
})

it('a reader that takes nothing costs no memory, and the others wait for nothing', async ({
  listening,
  ready,
  onTestFinished,
}) => {
  const { address, port } = await listening()
  const worker = await ready('shop')
  const deaf = connect(port, '127.0.0.1')
  onTestFinished(() => void deaf.destroy())
  deaf.pause()
  deaf.write(
    `GET /events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${TOKEN}\r\nx-session-id: shop\r\n\r\n`,
  )
  const reader = await EventReader.open(address, TOKEN, { session: 'shop' })
  onTestFinished(() => reader.close())
  const long = 'x'.repeat(50_000)
  for (let i = 0; i < 20; i++) await hear(worker, MARIA, ...Array.from({ length: 10 }, () => long))
  await waitFor('all of them', () => reader.events.length === 200)
})

it('a reader that leaves too long what it was given is cut off, and told so when it goes on', async ({
  redis,
  ready,
  onTestFinished,
}) => {
  const worker = await ready('shop')
  await hear(worker, MARIA, ...Array.from({ length: 100 }, () => 'x'.repeat(100_000)))
  const log = createLogger('test', 'silent')
  const news = { listen: () => () => {} } as never
  const streams = new EventStreams({
    redis,
    news,
    retentionMs: 60_000,
    publicUrl: null,
    slowAfterMs: 200,
    log,
  })
  const served = Promise.withResolvers<void>()
  const server = createServer((_request, response) => {
    response.writeHead(200)
    const asked = { scope: 'shop', events: ['*'] as const, chats: [], after: '0' }
    streams.serve(response, asked).then(served.resolve, served.reject)
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await waitFor('it to listen', () => server.listening)
  const deaf = connect((server.address() as AddressInfo).port, '127.0.0.1')
  onTestFinished(() => void deaf.destroy())
  deaf.pause()
  deaf.write('GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
  await served.promise
  expect(await text(deaf)).toMatch(/event: end\ndata: {"reason":"slow_reader"}/)
})

it('refuses who may not read, what it does not know, and a place that is none', async ({
  gateway,
  ready,
}) => {
  await ready('shop')
  expect((await gateway.ask('GET', '/events', { token: null })).status).toBe(401)
  expect(await gateway.get('/events?types=message.sent', 'shop')).toMatchObject({
    status: 400,
    body: { error: expect.stringContaining('types') },
  })
  expect(await gateway.get('/events', 'shop', { 'last-event-id': 'evt_1' })).toMatchObject({
    status: 400,
    body: { error: expect.stringContaining('last-event-id') },
  })
  expect((await gateway.get('/events', 'nobody')).status).toBe(404)
})
