import { keys } from '@wsg/shared/redis/keys.ts'
import { describe, expect } from 'vitest'
import { waitFor } from '../../../support/wait-for.ts'
import { LiveUpload, lineOf, linesUpTo, NDJSON, upTo } from './bulk-client.ts'
import { bulkTest } from './bulk-test.ts'

const test = bulkTest
  /** The texts in the order in which a worker gets them. */
  .extend(
    'textsInQueue',
    ({ redis, queued }) =>
      async () =>
        await Promise.all(
          (await queued()).map(async (id) => {
            const content = await redis.hget(keys.message('shop', id), 'content')
            return JSON.parse(content ?? '{}').text
          }),
        ),
  )

describe('POST /send/bulk', () => {
  test('judges each line by itself and accepts the others in their order', async ({
    gateway,
    bulk,
    queued,
    textsInQueue,
  }) => {
    const body = [
      lineOf(1),
      'nonsense\n',
      '\n',
      '{"to":"1","message":"x"}\n',
      lineOf(5, { reference: 'own' }),
      `"${'x'.repeat(1_600_000)}"\n`,
      lineOf(7).trim(),
    ].join('')
    const answer = await bulk(body)
    expect(answer).toMatchObject({
      status: 202,
      headers: { location: `/batches/${answer.body.batchId}` },
      body: { sessionId: 'shop', total: 6, accepted: 3, replayed: 0, refused: 3 },
    })
    expect(answer.body.refusals).toEqual([
      {
        line: 2,
        code: 'invalid_request',
        error: 'Invalid request: the line is not valid JSON: column 1: this is not JSON.',
        retryable: false,
      },
      {
        line: 4,
        code: 'invalid_request',
        error: expect.stringMatching(/^Invalid request: to: must be a phone number/),
        retryable: false,
      },
      {
        line: 6,
        code: 'payload_too_large',
        error: 'A line must have at most 1500000 bytes.',
        retryable: false,
      },
    ])
    expect(await textsInQueue()).toEqual(['text 1', 'text 5', 'text 7'])
    const [, id] = await queued()
    expect((await gateway.get(`/messages/${id}`, 'shop')).body).toMatchObject({
      batchId: answer.body.batchId,
      line: 5,
      reference: 'own',
    })
  })

  test('takes a JSON array the same way, longer than any body may otherwise be', async ({
    bulk,
    textsInQueue,
  }) => {
    const long = 'x'.repeat(60_000)
    const elements = upTo(40).map((number) => ({ to: '5511999887766', message: `${number} ${long}` }))
    const body = JSON.stringify([...elements, { nonsense: 1 }])
    expect(body.length).toBeGreaterThan(1_500_000)
    const answer = await bulk(body, { 'content-type': 'application/json' })
    expect(answer).toMatchObject({ status: 202, body: { accepted: 40, refused: 1 } })
    expect(answer.body.refusals[0].line).toBe(41)
    expect((await textsInQueue()).map((text) => Number.parseInt(text, 10))).toEqual(upTo(40))
  })

  test('2,000 lines are accepted in order, each once, and shows the first 100 refusals only', async ({
    bulk,
    textsInQueue,
  }) => {
    const body = upTo(2_150)
      .map((number) => (number > 2_000 ? 'x\n' : lineOf(number)))
      .join('')
    const answer = await bulk(body)
    expect(answer.body).toMatchObject({ total: 2_150, accepted: 2_000, refused: 150 })
    expect(answer.body.refusals).toHaveLength(100)
    expect(await textsInQueue()).toEqual(upTo(2_000).map((number) => `text ${number}`))
  })

  test('what is said once in the address holds for every line that does not say it', async ({
    gateway,
    bulk,
  }) => {
    const sendAt = new Date(Date.now() + 60_000).toISOString()
    const query = `?reference=spring&priority=urgent&sendAt=${encodeURIComponent(sendAt)}`
    await bulk(`${lineOf(1)}${lineOf(2, { reference: 'own' })}`, {}, query)
    const { items } = (await gateway.get('/messages', 'shop')).body
    expect(items.map(({ reference }: { reference: string }) => reference).toSorted()).toEqual([
      'own',
      'spring',
    ])
    expect(items[0]).toMatchObject({ sendAt, priority: 'urgent' })
    expect((await bulk(lineOf(1), {}, '?sendAt=tomorrow')).body.code).toBe('invalid_request')
  })

  test('lines with many or endless unknown fields get short answers', async ({ bulk }) => {
    const endless = `{"to":"5511999887766","message":"x","${'k'.repeat(1_400_000)}":1}\n`
    const many = `{${Array.from({ length: 10_000 }, (_, i) => `"${'k'.repeat(60)}${i}":1`)}}\n`
    const answer = await bulk((endless + many).repeat(10))
    expect(answer.body).toMatchObject({ accepted: 0, refused: 20 })
    expect(answer.raw.length).toBeLessThan(20_000)
  })

  test('a body that is no array, or of another type, is refused as a whole', async ({ bulk, records }) => {
    const json = { 'content-type': 'application/json' }
    for (const body of ['{"to":"5511999887766","message":"x"}', 'x', '"[]"'])
      expect(await bulk(body, json)).toMatchObject({ status: 400, body: { code: 'invalid_request' } })
    expect((await bulk('x', { 'content-type': 'text/plain' })).status).toBe(415)
    expect((await bulk('[]', json)).body).toMatchObject({ total: 0 })
    expect(await records()).toBe(0)
  })

  test('a session that takes nothing refuses it as a whole, and remembers no key', async ({
    redis,
    gateway,
    bulk,
  }) => {
    expect(await gateway.post('/send/bulk', 'nobody', lineOf(1), { 'content-type': NDJSON })).toMatchObject({
      status: 404,
      body: { code: 'session_not_found' },
    })
    await redis.zrem(keys.desired, 'shop')
    await redis.hset(keys.session('shop'), 'stopped', 'operator')
    const key = { 'idempotency-key': 'k' }
    expect(await bulk(lineOf(1), key)).toMatchObject({ status: 409, body: { code: 'session_not_ready' } })
    expect(await redis.keys('*idempotency*')).toEqual([])
  })

  test('one with a saved login that nobody runs is loaded, and the lines wait', async ({
    redis,
    worker,
    bulk,
    queued,
  }) => {
    await worker.publish('stopped', 'idle', { stopped: 'idle' }, { wish: 'drop', release: true })
    expect((await bulk(linesUpTo(3))).body.accepted).toBe(3)
    expect(await redis.zscore(keys.desired, 'shop')).not.toBeNull()
    expect(await queued()).toHaveLength(3)
  })
})

describe('answers line by line', () => {
  test('come while the body is still being sent, and the batch last', async ({ gateway, queued }) => {
    const upload = await LiveUpload.start(gateway, 'shop')
    await upload.write(`${lineOf(1)}nonsense\n{"to":`)
    await waitFor('two answers', () => upload.answers.length === 2)
    expect(upload.status).toBe(202)
    expect(upload.answers).toEqual([
      { line: 1, id: expect.stringMatching(/^3EB0/), status: 'queued' },
      expect.objectContaining({ line: 2, code: 'invalid_request' }),
    ])
    expect(await queued()).toEqual([upload.answers[0]?.id])
    await upload.write(`"5511999887766","message":"three"}`)
    upload.end()
    await upload.ended
    expect(upload.answers).toHaveLength(4)
    expect(upload.answers[2]).toMatchObject({ line: 3, status: 'queued' })
    expect(upload.answers[3]).toEqual({
      batchId: expect.stringMatching(/^batch-/),
      sessionId: 'shop',
      total: 3,
      accepted: 2,
      replayed: 0,
      refused: 1,
    })
  })

  test('a body that is no array is a problem of its own even then', async ({ gateway }) => {
    const upload = await LiveUpload.start(gateway, 'shop', { 'content-type': 'application/json' })
    await upload.write('{"to":1}')
    upload.end()
    await upload.ended
    expect(upload.status).toBe(400)
  })
})

describe('a batch', () => {
  test('counts its messages by state until it is done', async ({ redis, gateway, worker, bulk, batchOf }) => {
    const { batchId } = (await bulk(`${linesUpTo(5)}nonsense\n`)).body
    expect(await batchOf(batchId)).toEqual({
      batchId,
      sessionId: 'shop',
      upload: 'complete',
      total: 6,
      accepted: 5,
      refused: 1,
      counts: expect.objectContaining({ queued: 5, sending: 0, sent: 0 }),
      done: false,
      createdAt: expect.any(String),
    })
    worker.takeSends()
    const done = await waitFor('the end', async () => {
      const batch = await batchOf(batchId)
      return batch.done && batch
    })
    expect(done).toMatchObject({ counts: { queued: 0, sent: 5 }, finishedAt: expect.any(String) })
    expect((await gateway.get('/batches/batch-none', 'shop')).body.code).toBe('batch_not_found')
    expect((await gateway.get(`/batches/${batchId}`, 'nobody')).body.code).toBe('session_not_found')
    expect(await redis.ttl(keys.batch('shop', batchId))).toBeGreaterThan(0)
  })

  test('is canceled as far as it waits, with or without a worker, and takes nothing more', async ({
    gateway,
    worker,
    bulk,
  }) => {
    const key = { 'idempotency-key': 'k' }
    const taken = worker.takeSends('sending')
    const { batchId } = (await bulk(linesUpTo(1), key)).body
    await waitFor('the first to be taken', () => taken.length === 1)
    await worker.close()
    await bulk(linesUpTo(700), key)
    const cancel = () => gateway.ask('DELETE', `/batches/${batchId}`, { session: 'shop' })
    expect((await cancel()).body).toMatchObject({
      canceledNow: 699,
      canceledAt: expect.any(String),
      counts: { canceled: 699, sending: 1, queued: 0 },
    })
    expect((await cancel()).body.canceledNow).toBe(0)
    expect((await bulk(linesUpTo(701), key)).body).toMatchObject({
      accepted: 0,
      replayed: 700,
      refusals: [{ line: 701, code: 'batch_canceled' }],
    })
    const none = await gateway.ask('DELETE', '/batches/batch-none', { session: 'shop' })
    expect([none.status, none.body.code]).toEqual([404, 'batch_not_found'])
  })
})
