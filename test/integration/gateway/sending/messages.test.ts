import { keys } from '@wsg/shared/redis/keys.ts'
import { moveMessage } from '@wsg/shared/redis/message/move-message.ts'
import { describe, expect } from 'vitest'
import { waitFor } from '../../../support/wait-for.ts'
import { ActingWorker } from '../acting-worker.ts'
import { gatewayTest } from '../gateway-test.ts'
import type { Answer } from '../gateway-under-test.ts'

const test = gatewayTest
  .extend('worker', { auto: true }, ({ ready }) => ready('shop'))
  .extend('accept', ({ gateway }) => async (body: object = {}): Promise<string> => {
    const { id } = (await gateway.send('shop', body, {}, '?wait=none')).body
    // Of two within one millisecond it is not said which comes first in a list.
    const now = Date.now()
    await waitFor('the next millisecond', () => Date.now() > now, { everyMs: 1 })
    return id
  })
  .extend(
    'move',
    ({ redis, worker }) =>
      (messageId: string, to: 'sending' | 'sent') =>
        moveMessage(redis, { sessionId: 'shop', messageId, to, token: worker.token, retentionMs: 60_000 }),
  )
  .extend(
    'list',
    ({ gateway }) =>
      (query = '') =>
        gateway.get(`/messages${query}`, 'shop'),
  )
  /** All pages, one after another. `between` happens after each. */
  .extend(
    'pages',
    ({ list }) =>
      async (query: string, between: () => Promise<void> = async () => {}): Promise<string[][]> => {
        const found: string[][] = []
        for (let cursor: string | null = ''; cursor !== null; ) {
          const page = await list(`?${query}${cursor === '' ? '' : `&cursor=${cursor}`}`)
          expect(page.status).toBe(200)
          found.push(ids(page))
          cursor = page.body.nextCursor
          await between()
        }
        return found
      },
  )
  .extend(
    'cancel',
    ({ gateway }) =>
      (id: string) =>
        gateway.ask('DELETE', `/messages/${id}`, { session: 'shop' }),
  )

const ids = ({ body }: Answer): string[] => body.items.map(({ id }: { id: string }) => id)

describe('GET /messages', () => {
  test('shows what changed last first, whatever its state, and never the text', async ({
    accept,
    move,
    list,
  }) => {
    const [a, b, c] = [await accept(), await accept(), await accept()]
    await move(a, 'sending')
    await move(a, 'sent')
    const answer = await list()
    expect(ids(answer)).toEqual([a, c, b])
    expect(answer.body.nextCursor).toBeNull()
    expect(answer.body.items[0]).toMatchObject({ status: 'sent', sentAt: expect.any(String) })
    expect(JSON.stringify(answer.body)).not.toContain('Hello')
  })

  test('by state, by reference, and by the time of the last change', async ({
    gateway,
    accept,
    move,
    list,
  }) => {
    const [a, b] = [await accept({ reference: 'order 7/x' }), await accept()]
    const c = await accept({ reference: 'order 7/x' })
    await move(b, 'sending')
    expect(ids(await list('?status=queued'))).toEqual([c, a])
    expect(ids(await list('?status=sending'))).toEqual([b])
    expect(ids(await list('?status=failed'))).toEqual([])
    expect(ids(await list('?reference=order%207/x'))).toEqual([c, a])
    expect(ids(await list('?reference=none'))).toEqual([])
    const { acceptedAt } = (await gateway.get(`/messages/${c}`, 'shop')).body
    const earlier = new Date(Date.parse(acceptedAt) - 1).toISOString()
    expect(ids(await list(`?until=${earlier}`))).not.toContain(c)
    expect(ids(await list(`?since=${acceptedAt}`))).toContain(c)
    expect(ids(await list(`?since=${acceptedAt}&reference=order%207/x`))).toEqual([c])
    await move(c, 'sending')
    expect(ids(await list('?reference=order%207/x&status=queued'))).toEqual([a])
  })

  test('pages hold every message once, though a batch was accepted within one millisecond', async ({
    redis,
    gateway,
    pages,
  }) => {
    const line = JSON.stringify({ to: '5511999887766', message: 'Hello', reference: 'spring' })
    const body = `${line}\n`.repeat(450)
    await gateway.post('/send/bulk', 'shop', body, { 'content-type': 'application/x-ndjson' })
    // All of them at one instant: no page ends between two times.
    const all = await redis.zrange(keys.messagesIn('shop', 'queued'), 0, '-1')
    await redis.zadd(keys.messagesIn('shop', 'queued'), ...all.flatMap((id) => [1_000, id]))
    await redis.zadd(keys.reference('shop', 'spring'), ...all.flatMap((id) => [1_000, id]))
    for (const query of ['limit=100', 'limit=200&status=queued', 'limit=7&reference=spring']) {
      const found = (await pages(query)).flat()
      expect([found.length, new Set(found).size]).toEqual([450, 450])
    }
  })

  test('a message that changes between two pages shifts no other', async ({ accept, move, list, pages }) => {
    const all: string[] = []
    for (let i = 0; i < 6; i += 1) all.push(await accept())
    const [oldest] = all as [string]
    const found = await pages('limit=2', async () => void (await move(oldest, 'sending')))
    expect(found.flat().toSorted()).toEqual(all.slice(1).toSorted())
    expect(ids(await list())[0]).toBe(oldest)
  })

  test('leaves out messages whose records are gone, and forgets them', async ({ redis, accept, list }) => {
    const [a, b] = [await accept({ reference: 'r' }), await accept({ reference: 'r' })]
    await redis.del(keys.message('shop', a))
    expect(ids(await list())).toEqual([b])
    expect(ids(await list('?reference=r'))).toEqual([b])
    expect(await redis.zrange(keys.messagesIn('shop', 'queued'), 0, '-1')).toEqual([b])
    expect(await redis.zrange(keys.reference('shop', 'r'), 0, '-1')).toEqual([b])
  })

  test('is of one session', async ({ gateway, accept }) => {
    await accept()
    await gateway.get('/qr?wait=0', 'other')
    expect((await gateway.get('/messages', 'other')).body).toEqual({ items: [], nextCursor: null })
    expect((await gateway.get('/messages', 'nobody')).body.code).toBe('session_not_found')
  })

  test.for(['limit=0', 'limit=501', 'limit=x', 'cursor=x', 'since=x', 'status=x', 'reference='])(
    '?%s is refused',
    async (query, { list }) => expect((await list(`?${query}`)).body.code).toBe('invalid_request'),
  )
})

describe('DELETE /messages/:id', () => {
  test('cancels one that waits, due or not, with or without a worker, as often as it is asked', async ({
    server,
    gateway,
    worker,
    accept,
    cancel,
  }) => {
    for (const body of [{}, { sendAt: new Date(Date.now() + 60_000).toISOString() }]) {
      const id = await accept(body)
      await worker.die()
      for (let i = 0; i < 2; i += 1) {
        expect(await cancel(id)).toMatchObject({
          status: 200,
          body: { id, status: 'canceled', error: { code: 'message_canceled' } },
        })
      }
    }
    expect((await gateway.get('/queue', 'shop')).body).toMatchObject({ waiting: 0, scheduled: 0 })
    const next = await ActingWorker.own(server.url, 'shop')
    const taken = next.takeSends()
    const { body } = await gateway.send('shop')
    expect(taken).toEqual([body.id])
    await next.close()
  })

  test('whoever waits for it is told', async ({ redis, gateway, cancel }) => {
    const pending = gateway.send('shop')
    let id: string | undefined
    while (id === undefined) [id] = await redis.zrange(keys.queued('shop'), 0, '0')
    await cancel(id)
    expect(await pending).toMatchObject({ status: 409, body: { code: 'message_canceled' } })
  })

  test('one that was handed over is 409, one that is not going to be sent anyway is shown', async ({
    redis,
    accept,
    move,
    cancel,
  }) => {
    const id = await accept()
    await move(id, 'sending')
    const sending = { status: 409, body: { code: 'already_sent', messageStatus: 'sending', id } }
    expect(await cancel(id)).toMatchObject(sending)
    await move(id, 'sent')
    expect(await cancel(`true_5511999887766@c.us_${id}`)).toMatchObject({
      status: 409,
      body: { messageStatus: 'sent' },
    })
    const expired = await accept()
    await moveMessage(redis, { sessionId: 'shop', messageId: expired, to: 'expired', retentionMs: 60_000 })
    expect(await cancel(expired)).toMatchObject({ status: 200, body: { status: 'expired' } })
  })

  test('one that does not exist is 404', async ({ gateway, cancel }) => {
    expect((await cancel('3EB0000000000000000000')).body.code).toBe('message_not_found')
    const unknown = await gateway.ask('DELETE', '/messages/3EB0000000000000000000', { session: 'nobody' })
    expect(unknown.body.code).toBe('session_not_found')
  })
})

describe('the queue of a session', () => {
  test('tells what waits, what is planned and what is being sent', async ({ gateway, accept, move }) => {
    const first = await accept()
    await accept({ priority: 'urgent' })
    const sendAt = new Date(Date.now() + 60_000).toISOString()
    await accept({ sendAt })
    await accept({ sendAt })
    await move(first, 'sending')
    expect((await gateway.get('/queue', 'shop')).body).toEqual({
      sessionId: 'shop',
      paused: false,
      waiting: 1,
      urgent: 1,
      scheduled: 2,
      nextDueAt: sendAt,
      sending: 1,
      oldestMs: expect.any(Number),
    })
  })

  test('is paused and resumed with or without a worker, and takes messages all the time', async ({
    redis,
    gateway,
    worker,
  }) => {
    const heard = await worker.hear()
    expect(await gateway.post('/queue/pause', 'shop')).toMatchObject({ status: 200, body: { paused: true } })
    expect((await gateway.send('shop', {}, {}, '?wait=none')).status).toBe(202)
    await worker.die()
    expect((await gateway.post('/queue/pause', 'shop')).body).toMatchObject({ paused: true, waiting: 1 })
    expect((await gateway.post('/queue/resume', 'shop')).body).toMatchObject({ paused: false, waiting: 1 })
    expect(await redis.hexists(keys.session('shop'), 'paused')).toBe(0)
    await waitFor('all of it', () => heard.length > 3)
    expect(heard).toEqual(['queue_settings', 'message', 'queue_settings', 'queue_settings'])
  })

  test('of a session that does not exist is 404, and makes none', async ({ redis, gateway }) => {
    for (const [method, url] of [
      ['GET', '/queue'],
      ['POST', '/queue/pause'],
      ['POST', '/queue/resume'],
    ] as const)
      expect((await gateway.ask(method, url, { session: 'nobody' })).body.code).toBe('session_not_found')
    expect(await redis.exists(keys.session('nobody'))).toBe(0)
    await redis.hset(keys.session('shop'), 'deleting', '1')
    expect((await gateway.post('/queue/pause', 'shop')).body.code).toBe('session_deleting')
  })
})
