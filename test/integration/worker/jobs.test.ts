import { randomUUID } from 'node:crypto'
import { createLogger } from '@wsg/shared/logger.ts'
import type { Job, Reply } from '@wsg/shared/operations/job.ts'
import { type OperationName, operations } from '@wsg/shared/operations/operations.ts'
import { keys } from '@wsg/shared/redis/keys.ts'
import { stopSession } from '@wsg/shared/redis/session/desired-state.ts'
import { addJob, takeReply } from '@wsg/shared/redis/session/jobs.ts'
import { openTracer } from '@wsg/shared/tracing/open-tracer.ts'
import { ClientClosed, OperationRefused, PageUnresponsive } from '@wsg/worker/src/whatsapp/client-errors.ts'
import { expect, vi } from 'vitest'
import { Collector } from '../../support/collector.ts'
import type { FakeWhatsAppClient } from '../../support/fake-whatsapp-client.ts'
import { waitFor } from '../../support/wait-for.ts'
import { workerTest } from './worker-test.ts'

const it = workerTest
  .extend(
    'tell',
    ({ rig }) =>
      async (
        name: OperationName | 'no.such',
        input: unknown = {},
        withinMs = 20_000,
        request: Partial<Job> = {},
      ): Promise<string> => {
        const id = randomUUID()
        await addJob(
          rig.redis,
          'sales',
          { id, name: name as OperationName, input, gatewayId: 'g1', ...request },
          withinMs,
        )
        return id
      },
  )
  .extend(
    'replyTo',
    ({ rig }) =>
      async (id: string): Promise<Reply> =>
        await waitFor('the reply', () => takeReply(rig.redis, id)),
  )
  .extend(
    'ask',
    ({ tell, replyTo }) =>
      async (name: OperationName, input: unknown = {}) =>
        await replyTo(await tell(name, input)),
  )

/** A session that shows no code: who asks for one to type waits. */
const withoutCode = {
  script: (client: FakeWhatsAppClient) => {
    client.showQr = () => {}
  },
}

it('answers those who wait for the page when the session ends', async ({ rig, tell, replyTo }) => {
  await rig.startWorker(withoutCode)
  await rig.want('sales')
  await rig.untilView('sales', 'initializing', 'starting')
  const waiting = await tell('pairing.request', { phoneNumber: '5511999887766' })
  await waitFor('the job to be taken', async () => (await rig.redis.exists(keys.jobs('sales'))) === 0)
  await stopSession(rig.redis, 'sales')
  expect(await replyTo(waiting)).toMatchObject({ ok: false, code: 'worker_timeout' })
})

it('does what was asked for before there was a worker', async ({ rig, tell, replyTo }) => {
  const early = await tell('pairing.request', { phoneNumber: '5511999887766' })
  await rig.startWorker()
  await rig.want('sales')
  expect(await replyTo(early)).toMatchObject({ ok: true, output: { code: 'ABCD1234' } })
})

it('wakes the gateway that waits, and keeps the reply for one that looks late', async ({ rig, tell }) => {
  await rig.startWorker()
  await rig.wantPaired('sales')
  const subscriber = rig.redis.duplicate({ enableOfflineQueue: true })
  const woken: string[] = []
  subscriber.on('message', (_channel, key) => woken.push(key))
  await subscriber.subscribe(keys.wake('g1'))
  const id = await tell('status.probe', {}, 20_000)
  await waitFor('the wake', () => woken.includes(id))
  expect(await rig.redis.pttl(keys.reply(id))).toBeGreaterThan(20_000)
  subscriber.disconnect()
})

it('is a span of the request that is traced, with its outcome and without what was asked; of any other nothing is told', async ({
  rig,
  tell,
  replyTo,
  onTestFinished,
}) => {
  const collector = await Collector.start()
  onTestFinished(() => collector.close())
  const traced = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_TRACES_SAMPLER_ARG: 1 }
  const tracer = await openTracer(traced, 'worker', createLogger('test', 'silent'))
  const [traceId, parentSpanId] = ['4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7']
  const request = { requestId: 'asked', traceparent: `00-${traceId}-${parentSpanId}-01` }
  await rig.startWorker({ settings: { tracer } })
  await rig.wantPaired('sales')
  await rig.untilView('sales', 'ready')

  await replyTo(await tell('status.probe', {}, 20_000, request))
  await replyTo(await tell('pairing.request', { phoneNumber: '5511999887766' }, 20_000, request))
  await replyTo(await tell('status.probe'))
  await tracer?.close()
  expect(collector.spans.map(({ name, status }) => [name, status])).toEqual([
    ['status.probe', { code: 0 }],
    ['pairing.request', { code: 2, message: 'already_paired' }],
  ])
  const ids = { 'wsg.session_id': 'sales', 'wsg.request_id': 'asked' }
  const attributes = Object.entries(ids).map(([key, stringValue]) => ({ key, value: { stringValue } }))
  for (const span of collector.spans) expect(span).toMatchObject({ traceId, parentSpanId, attributes })
})

it('asks the page itself how it is, and says what memory it takes', async ({ rig, ask }) => {
  const { clients } = await rig.startWorker()
  await rig.wantPaired('sales')
  await rig.untilView('sales', 'ready')
  await waitFor(
    'a measurement',
    async () => (await rig.redis.hget(keys.session('sales'), 'memoryMb')) === '100',
  )
  expect(await ask('status.probe')).toEqual({ ok: true, output: { connection: 'CONNECTED', memoryMb: 100 } })
  const client = clients[0]
  if (client !== undefined) client.probe = () => Promise.reject(new PageUnresponsive('hangs'))
  expect(await ask('status.probe')).toEqual({ ok: false, code: 'worker_timeout' })
})

it('gives a pairing code to a session that waits for its scan, and none to one that is logged in', async ({
  rig,
  ask,
}) => {
  const { clients } = await rig.startWorker()
  await rig.want('sales')
  const reply = await ask('pairing.request', { phoneNumber: '5511999887766' })
  expect(reply).toMatchObject({ ok: true, output: { code: 'ABCD1234', replacesPrevious: false } })
  expect(await ask('pairing.request', { phoneNumber: '5511999887766' })).toEqual(reply)
  expect(await ask('pairing.request', { phoneNumber: '5511911111111' })).toMatchObject({
    output: { code: 'EFGH5678', replacesPrevious: true },
  })
  await rig.untilView('sales', 'waiting_qr', 'pairing_code')
  clients[0]?.logIn('5511999887766')
  await rig.untilView('sales', 'ready')
  expect(await ask('pairing.request', { phoneNumber: '5511999887766' })).toMatchObject({
    code: 'already_paired',
  })
})

it('takes a picture of the page', async ({ rig, ask }) => {
  await rig.startWorker()
  await rig.wantPaired('sales')
  await rig.untilView('sales', 'ready')
  const png = Buffer.from('png').toString('base64')
  expect(await ask('screenshot.take')).toEqual({ ok: true, output: { png } })
})

it('says of a change that the page did not confirm that it may have been done, while the caller still waits', async ({
  rig,
  ask,
}) => {
  const { clients } = await rig.startWorker()
  await rig.wantPaired('sales')
  await rig.untilView('sales', 'ready')
  const client = clients[0] as FakeWhatsAppClient
  client.onPerform = () => Promise.reject(new PageUnresponsive('hangs'))
  expect(await ask('message.star', { id: '3A' })).toEqual({ ok: false, code: 'not_confirmed' })
  expect(await ask('chat.get', { chatId: '5511999887766@c.us' })).toEqual({
    ok: false,
    code: 'worker_timeout',
  })
  client.onPerform = () => Promise.reject(new Error('the page threw on the way'))
  expect(await ask('message.star', { id: '3A' })).toEqual({ ok: false, code: 'not_confirmed' })
  expect(await ask('chat.get', { chatId: '5511999887766@c.us' })).toEqual({
    ok: false,
    code: 'worker_failed',
  })
  client.onPerform = () => Promise.reject(new ClientClosed('before it was asked'))
  expect(await ask('message.star', { id: '3A' })).toEqual({
    ok: false,
    code: 'worker_failed',
    detail: expect.stringContaining('Nothing was done'),
  })
})

it('says so of a change that a page without a connection may hold, and ends the page before', async ({
  rig,
  ask,
}) => {
  const { clients, deaths } = await rig.startWorker()
  await rig.wantPaired('sales')
  await rig.untilView('sales', 'ready')
  const client = clients[0] as FakeWhatsAppClient
  client.onPerform = () => Promise.reject(new PageUnresponsive('hangs'))
  expect(await ask('group.leave', { groupId: '1@g.us' })).toMatchObject({ code: 'not_confirmed' })
  expect(client.state).toBe('open')
  client.probe = async () => 'OPENING'
  expect(await ask('group.leave', { groupId: '1@g.us' })).toMatchObject({ code: 'not_confirmed' })
  expect(client.state).toBe('killed')
  await waitFor('the worker to end', () => deaths.length > 0)
})

it('ends a page that loses its connection after a change that it did not end, and no page that said how its change ended', async ({
  rig,
  ask,
}) => {
  const { clients } = await rig.startWorker()
  await rig.wantPaired('sales')
  await rig.untilView('sales', 'ready')
  const client = clients[0] as FakeWhatsAppClient
  client.onPerform = () => Promise.reject(new OperationRefused('not_confirmed', 'WhatsApp Web said false.'))
  expect(await ask('group.leave', { groupId: '1@g.us' })).toMatchObject({ code: 'not_confirmed' })
  client.hear('connection', false)
  expect(client.state).toBe('open')
  client.hear('connection', true)
  client.onPerform = () => Promise.reject(new PageUnresponsive('hangs'))
  await ask('group.leave', { groupId: '1@g.us' })
  client.hear('connection', false)
  expect(client.state).toBe('killed')
})

it('answers before its caller stops waiting, whatever the client does', async ({
  rig,
  tell,
  onTestFinished,
}) => {
  const { clients } = await rig.startWorker()
  await rig.wantPaired('sales')
  await rig.untilView('sales', 'ready')
  const client = clients[0] as FakeWhatsAppClient
  client.onResolve = () => new Promise(() => {})
  client.onPerform = () => new Promise(() => {})
  // A reply is there for as long as its caller may wait for it, which is half a second here.
  const redis = await rig.server.watch()
  onTestFinished(() => redis.end())
  const written = (id: string) =>
    waitFor('the reply', () =>
      redis.lines.find((line) => line.includes(`"${keys.reply(id)}"`) && line.includes('"set"')),
    )
  const check = await tell('number.check', { phone: '5511999887766' }, 4_000)
  const star = await tell('message.star', { id: '3A' }, 4_000)
  expect(await written(check)).toContain(String.raw`{\"ok\":false,\"code\":\"worker_timeout\"}`)
  expect(await written(star)).toContain(String.raw`{\"ok\":false,\"code\":\"not_confirmed\"}`)
})

it('begins nothing for which there is no time left to answer', async ({ rig, tell, replyTo }) => {
  const { clients } = await rig.startWorker()
  await rig.wantPaired('sales')
  await rig.untilView('sales', 'ready')
  const client = clients[0] as FakeWhatsAppClient
  const asked: string[] = []
  client.onPerform = (name) => {
    asked.push(name)
    return operations[name].example.output
  }
  const star = await tell('message.star', { id: '3A' }, 900)
  const detail = expect.stringContaining('Nothing was done')
  expect(await replyTo(star)).toEqual({ ok: false, code: 'worker_timeout', detail })
  expect(asked).toEqual([])
})

it('looks up whom an edited text mentions', async ({ rig, ask }) => {
  const { clients } = await rig.startWorker()
  await rig.wantPaired('sales')
  await rig.untilView('sales', 'ready')
  const client = clients[0] as FakeWhatsAppClient
  client.whatsapp.numbers.set('5511999887766', { chatId: '551199887766@c.us' })
  client.whatsapp.numbers.set('5511911111111', null)
  const asked: unknown[] = []
  client.onPerform = (name, input) => {
    asked.push(input)
    return operations[name].example.output
  }
  const edit = { id: '3EB0', text: 'Oi', linkPreview: true }
  await ask('message.edit', { ...edit, mentions: ['5511999887766', '163971247583412@lid'] })
  expect(asked).toEqual([{ ...edit, mentions: ['551199887766@c.us', '163971247583412@lid'] }])
  expect(await ask('message.edit', { ...edit, mentions: ['5511911111111'] })).toMatchObject({
    code: 'mention_not_on_whatsapp',
  })
  expect(asked).toHaveLength(1)
})

it('stops at once instead of at the next renewal', async ({ rig }) => {
  await rig.startWorker({ settings: { leaseTtlMs: 60_000 } })
  await rig.wantPaired('sales')
  await rig.untilView('sales', 'ready')
  await stopSession(rig.redis, 'sales')
  await rig.untilView('sales', 'stopped', 'operator')
})

it('restarts under a new ownership', async ({ rig, ask }) => {
  const { clients, deaths } = await rig.startWorker()
  await rig.wantPaired('sales')
  await rig.untilView('sales', 'ready')
  const token = await rig.redis.get(keys.lease('sales'))
  expect(await ask('session.restart')).toEqual({ ok: true, output: {} })
  await waitFor('a second browser', () => clients.length === 2)
  await rig.untilView('sales', 'ready')
  expect(await rig.redis.get(keys.lease('sales'))).not.toBe(token)
  expect(deaths).toEqual([])
})

it('drops what comes after its deadline or cannot be read, and goes on', async ({ rig, tell, ask }) => {
  const late = await tell('screenshot.take', {}, -1)
  const unknown = await tell('no.such')
  await rig.startWorker()
  await rig.wantPaired('sales')
  await rig.untilView('sales', 'ready')
  expect(await ask('status.probe')).toMatchObject({ ok: true })
  expect(await rig.redis.exists(keys.reply(late), keys.reply(unknown))).toBe(0)
})

it('does many at a time', async ({ rig, tell, ask }) => {
  await rig.startWorker(withoutCode)
  await rig.want('sales')
  const slow = () => tell('pairing.request', { phoneNumber: '5511999887766' })
  const waiting = await Promise.all(Array.from({ length: 20 }, slow))
  expect(await ask('status.probe')).toMatchObject({ ok: true })
  expect(await rig.redis.exists(...waiting.map((id) => keys.reply(id)))).toBe(0)
})

it.for([
  ['behind', -60_000],
  ['ahead', 60_000],
] as const)(
  'counts the time of a job by the clock of Redis: its own may be a minute %s',
  async ([_name, byMs], { rig, tell, ask }) => {
    // Set before the worker starts: one whose clock jumps ahead was asleep for all that it knows, and ends.
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + byMs })
    try {
      await rig.startWorker()
      await rig.wantPaired('sales')
      await rig.untilView('sales', 'ready')
      expect(await ask('screenshot.take')).toMatchObject({ ok: true })
      const late = await tell('screenshot.take', {}, 0)
      expect(await ask('status.probe')).toMatchObject({ ok: true })
      expect(await rig.redis.exists(keys.reply(late))).toBe(0)
    } finally {
      vi.useRealTimers()
    }
  },
)

it('forgets the jobs of a session without an owner when their callers wait no more', async ({
  rig,
  tell,
}) => {
  await tell('screenshot.take', {}, 50)
  await waitFor('the job to be forgotten', async () => (await rig.redis.exists(keys.jobs('sales'))) === 0)
  await tell('screenshot.take', {}, 0)
  await tell('screenshot.take')
  expect(await rig.redis.zcard(keys.jobs('sales'))).toBe(1)
})

it('leaves its jobs to the owner that holds the lease', async ({ rig, tell }) => {
  const first = await rig.startWorker()
  await rig.wantPaired('sales')
  await rig.untilView('sales', 'ready')
  await rig.redis.set(keys.lease('sales'), 'of-another', 'PX', 60_000)
  await tell('screenshot.take')
  await rig.untilNoticed(first, 'sales')
  expect(await rig.redis.zcard(keys.jobs('sales'))).toBe(1)
})

it('tells whoever reads too much so at once, and does what else is asked meanwhile', async ({
  rig,
  ask,
  tell,
  replyTo,
}) => {
  await rig.startWorker()
  await rig.wantPaired('sales')
  await rig.untilView('sales', 'ready')
  const input = { contactId: '5511999887766', chatId: '5511999887766' }
  // There is little time to wait for a turn: five seconds are for the answer.
  const reads = await Promise.all(Array.from({ length: 60 }, () => tell('contact.get', input, 8_000)))
  expect(await ask('chat.archive', input)).toMatchObject({ ok: true })
  const replies = await Promise.all(reads.map(replyTo))
  const refused = replies.filter((reply) => !reply.ok && reply.code === 'too_many_reads')
  expect(replies.filter(({ ok }) => ok).length).toBeGreaterThanOrEqual(20)
  expect(refused.length).toBeGreaterThan(0)
  expect(replies.filter(({ ok }) => ok).length + refused.length).toBe(60)
})
