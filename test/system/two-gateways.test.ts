import { randomUUID } from 'node:crypto'
import { metricCatalogue } from '@wsg/gateway/src/metrics/catalogue.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ApiClient } from '../support/api-client.ts'
import { Exposition } from '../support/exposition.ts'
import { GatewayProcess } from '../support/gateway-process.ts'
import { type RedisServer, startRedis } from '../support/redis.ts'
import { RoundRobin } from '../support/round-robin.ts'
import { kill, Stack } from '../support/stack.ts'
import { waitFor } from '../support/wait-for.ts'

const PHONE = '5511911111111'
const SENT = ['sent', 'delivered', 'read']

describe('two gateways on one Redis', () => {
  let redis: RedisServer
  let stack: Stack
  /** The gateway of the stack, and one beside it. */
  let a: ApiClient
  let b: ApiClient
  let second: GatewayProcess
  let balancer: RoundRobin
  let either: ApiClient

  beforeAll(async () => {
    redis = await startRedis()
    stack = await Stack.start({ env: { REDIS_URL: redis.url } })
    a = stack.api
    second = await GatewayProcess.start({ REDIS_URL: redis.url, API_TOKEN: a.token })
    b = new ApiClient(second.address, a.token)
    balancer = await RoundRobin.start([a.address, b.address])
    either = new ApiClient(balancer.address, a.token)
  })
  afterAll(async () => {
    await balancer?.close()
    await second?.end('SIGTERM')
    await stack?.close()
    await redis?.stop()
  })

  /** What of `name` reached a chat, in order of first arrival. */
  async function arrivedAt(chat: string, name: string): Promise<{ number: number; copies: number }[]> {
    return (await stack.simulator.messages(PHONE, chat)).flatMap(({ body, copies }) =>
      body.startsWith(`${name} `) ? [{ number: Number(body.slice(name.length + 1)), copies }] : [],
    )
  }

  const eachOnce = (count: number) => Array.from({ length: count }, (_, number) => ({ number, copies: 1 }))

  async function untilSent(ids: readonly string[]): Promise<void> {
    await waitFor(
      'every message to be sent',
      async () => {
        const answers = await Promise.all(ids.map((id) => either.get(`/messages/${id}`, 'sales')))
        return answers.every(({ body }) => SENT.includes(String(body.status)))
      },
      { timeoutMs: 60_000, everyMs: 200 },
    )
  }

  it('show a QR code that was asked for at the other, and the same state after the scan', async () => {
    const { body } = await waitFor('a code', async () => {
      const answer = await a.get('/qr', 'sales')
      return typeof answer.body.code === 'string' && answer
    })
    expect((await b.get('/status', 'sales')).body).toMatchObject({
      status: 'waiting_qr',
      reason: 'qr_available',
    })
    expect((await b.get('/qr', 'sales')).body).toMatchObject({ status: 'waiting_qr', code: body.code })
    await stack.simulator.scan({ qr: String(body.code), phone: PHONE })
    const seenByB = await b.until('sales', 'ready')
    const { body: seenByA } = await a.get('/status', 'sales')
    for (const field of ['status', 'reason', 'phone', 'connectedAt', 'messageCount', 'worker'] as const)
      expect([field, seenByA[field]]).toEqual([field, seenByB[field]])
  })

  it('keep the order of a chat when a caller sends by one and the other in turn', async () => {
    const ids: string[] = []
    for (let i = 0; i < 40; i++) {
      const message = { to: '5511999880001', message: `turns ${i}` }
      const { status, body } = await (i % 2 === 0 ? a : b).post('/send', 'sales', message, {
        prefer: 'respond-async',
      })
      expect(status).toBe(202)
      ids.push(String(body.id))
    }
    await untilSent(ids)
    expect(await arrivedAt('5511999880001', 'turns')).toEqual(eachOnce(40))
  })

  it('take one message for one Idempotency-Key that reaches both at once', async () => {
    for (let i = 0; i < 10; i++) {
      const key = { 'idempotency-key': randomUUID() }
      const message = { to: '5511999880002', message: `both ${i}` }
      const answers = await Promise.all([a, b].map((api) => api.post('/send', 'sales', message, key)))
      // The repeat is told how far the message is.
      for (const { status } of answers) expect([200, 202]).toContain(status)
      expect(answers[0]?.body.id).toBe(answers[1]?.body.id)
      const replayed = answers.map(({ headers }) => headers.get('idempotent-replayed'))
      expect(replayed.toSorted()).toEqual([null, 'true'])
    }
    expect(await arrivedAt('5511999880002', 'both')).toEqual(eachOnce(10))
  })

  it('send once what waited at the one when it was killed and is repeated at the other', async () => {
    await stack.simulator.set({ serverAckDelayMs: 6_000 })
    const key = { 'idempotency-key': randomUUID() }
    const message = { to: '5511999880003', message: 'killed 0' }
    const waiting = a.post('/send', 'sales', message, key).then(
      () => 'answered',
      () => 'broken',
    )
    await waitFor('it to be on the wire', async () => (await arrivedAt('5511999880003', 'killed')).length > 0)
    kill(stack.gateway().pid, 'SIGKILL')
    expect(await waiting).toBe('broken')
    const repeated = await b.post('/send', 'sales', message, key)
    expect([200, 202]).toContain(repeated.status)
    expect(repeated.headers.get('idempotent-replayed')).toBe('true')
    await stack.simulator.set({ serverAckDelayMs: 0 })
    await untilSent([String(repeated.body.id)])
    expect(await arrivedAt('5511999880003', 'killed')).toEqual(eachOnce(1))
    await waitFor('the killed one to be back', async () => (await a.get('/readyz')).status === 200)
  })

  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'lose and double nothing when both are restarted by %s, one after the other, while callers keep sending',
    async (signal) => {
      const chats = ['5511999880004', '5511999880005', '5511999880006']
      const restarted = new AbortController()
      const senders = chats.map((chat) => keepSending(chat, signal, restarted.signal))
      for (const restart of [restartA, restartB]) {
        await waitFor('some more to arrive', moreThan(await countArrived(chats, signal), chats, signal))
        await restart(signal)
      }
      await waitFor('some more to arrive', moreThan(await countArrived(chats, signal), chats, signal))
      restarted.abort()
      const ids = await Promise.all(senders)
      await untilSent(ids.flat())
      for (const [i, chat] of chats.entries())
        expect(await arrivedAt(chat, signal)).toEqual(eachOnce(ids[i]?.length ?? 0))
    },
  )

  it('say the same of the fleet', async () => {
    const of = async (api: ApiClient) => {
      const { uptime: _uptime, ...health } = (await api.get('/health')).body
      const { samples } = new Exposition((await api.request('/metrics')).text)
      const shared = samples.filter(({ name }) => {
        const figure = name.replace(/_(bucket|sum|count)$/, '') as keyof typeof metricCatalogue
        return metricCatalogue[figure]?.of === 'fleet'
      })
      return { health, shared }
    }
    const seen = await waitFor('both to say the same', async () => {
      const [one, other] = await Promise.all([of(a), of(b)])
      expect(other).toEqual(one)
      return one
    })
    expect(seen.health).toMatchObject({ sessions: { total: 1, ready: 1 } })
    expect(seen.shared).toContainEqual({
      name: 'wsg_sessions',
      labels: { state: 'ready', reason: 'connected' },
      value: 1,
    })
  })

  /** Sends numbered messages one after another, each until it is taken, and waits for its ack. @returns their ids */
  async function keepSending(to: string, name: string, until: AbortSignal): Promise<string[]> {
    const ids: string[] = []
    while (!until.aborted) {
      const key = { 'idempotency-key': randomUUID() }
      const message = { to, message: `${name} ${ids.length}` }
      const { body } = await waitFor('a message to be taken', async () => {
        const answer = await either.post('/send', 'sales', message, key)
        if (answer.status === 200 || answer.status === 202) return answer
        throw new Error(`${answer.status} ${answer.text}`)
      })
      ids.push(String(body.id))
    }
    return ids
  }

  async function countArrived(chats: readonly string[], name: string): Promise<number> {
    return (await Promise.all(chats.map((chat) => arrivedAt(chat, name)))).flat().length
  }

  const moreThan = (count: number, chats: readonly string[], name: string) => async () =>
    (await countArrived(chats, name)) > count + 10

  async function restartA(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const { pid } = stack.gateway()
    kill(pid, signal)
    await waitFor('it to be back', async () => {
      return stack.gateway().pid !== pid && (await a.get('/readyz')).status === 200
    })
  }

  async function restartB(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    await second.end(signal)
    await second.startAgain()
    await waitFor('it to be back', async () => (await b.get('/readyz')).status === 200)
  }
})
