import { EventNews } from '@wsg/gateway/src/events/event-news.ts'
import { GuardedFetch } from '@wsg/gateway/src/http/guarded-fetch.ts'
import { EventMaintenance } from '@wsg/gateway/src/maintenance/event-maintenance.ts'
import { Deliverer } from '@wsg/gateway/src/webhooks/deliverer.ts'
import { redeliverMany } from '@wsg/gateway/src/webhooks/redeliver.ts'
import { webhookBodySchema } from '@wsg/gateway/src/webhooks/webhook.ts'
import { WebhookStore } from '@wsg/gateway/src/webhooks/webhook-store.ts'
import { createLogger } from '@wsg/shared/logger.ts'
import { connectForBlocking, connectForCommands, untilReady } from '@wsg/shared/redis/connection/connect.ts'
import { listDeliveries } from '@wsg/shared/redis/event/deliveries.ts'
import { readWebhookLags } from '@wsg/shared/redis/event/webhook-lags.ts'
import { countDeliveries } from '@wsg/shared/redis/event/webhooks.ts'
import { keys } from '@wsg/shared/redis/keys.ts'
import { figures, readFigures } from '@wsg/shared/redis/worker/fleet-figures.ts'
import { expect } from 'vitest'
import { Receiver } from '../../../support/receiver.ts'
import { redisTest } from '../../../support/redis-test.ts'
import { waitFor } from '../../../support/wait-for.ts'
import { ActingWorker } from '../acting-worker.ts'
import { hear } from '../hear.ts'

const MARIA = '5511999887766@c.us'
const GRANT = { name: 'test', role: 'admin', sessions: null, limit: null } as const
/** Minutes and days as fractions of a second. */
const plan = {
  answerWithinMs: 400,
  holdMs: 300,
  firstPauseMs: 20,
  longestPauseMs: 100,
  firstWaitMs: 400,
  longestWaitMs: 400,
  giveUpAfterMs: 2_000,
}

/** Delivers for webhooks, as a gateway does, on the file's Redis. */
const deliveryTest = redisTest
  .extend('plan', plan)
  .extend('delivering', async ({ server, plan, emptied: _ }, { onCleanup }) => {
    const log = createLogger('test', 'silent')
    const commands = connectForCommands(server.url, 'test')
    const subscriber = connectForBlocking(server.url, 'test')
    await Promise.all([commands, subscriber].map((one) => untilReady(one)))
    const fetch = new GuardedFetch([])
    const news = new EventNews(subscriber)
    const deliverer = new Deliverer({
      redis: commands,
      gatewayId: 'test',
      news,
      fetch,
      publicUrl: null,
      tracer: null,
      log,
      plan,
    })
    const receivers: Receiver[] = []
    const workers: ActingWorker[] = []
    const store = new WebhookStore(commands, fetch)
    onCleanup(async () => {
      await deliverer.close()
      await Promise.all([...receivers, ...workers].map((one) => one.close()))
      subscriber.disconnect()
      commands.disconnect()
    })
    return {
      commands,
      /** A session with a webhook, and what that posts to. */
      async session(name: string) {
        const worker = await ActingWorker.ready(server.url, name)
        workers.push(worker)
        const receiver = await Receiver.start()
        receivers.push(receiver)
        const body = webhookBodySchema.parse({ url: receiver.url, events: ['message'] })
        await store.put(name, 'crm', body, GRANT)
        return { worker, receiver }
      },
    }
  })

// Time for a busy machine to see what stands between two of its times.
deliveryTest.extend('plan', { ...plan, answerWithinMs: 10_000, giveUpAfterMs: 5_000 })(
  'a failing event goes behind the others after a while, is tried for a day, then is dead; what is not kept any more is dropped, and all of it counted',
  async ({ redis, delivering }) => {
    const { commands } = delivering
    const { worker, receiver } = await delivering.session('shop')
    receiver.answer = ({ event }) => (event.data.text === 'bad' ? 500 : 200)
    await hear(worker, MARIA, 'bad', 'good')
    await waitFor('the one behind it', () => receiver.taken.length === 1)
    expect(receiver.taken[0]?.event.data.text).toBe('good')
    const retrying = await waitFor('it to go behind', async () => {
      const [lag] = await readWebhookLags(commands)
      return lag?.retrying === 1 && lag
    })
    expect(retrying).toMatchObject({ scope: 'shop', name: 'crm' })
    const count = (status: string) => redis.zcard(keys.deliveries('shop', 'crm', status))
    await waitFor('the end of the failing one', async () => (await count('dead')) === 1)
    expect([await count('pending'), await count('retrying'), await count('delivered')]).toEqual([0, 0, 1])
    const bad = receiver.requests.filter(({ event }) => event.data.text === 'bad')
    expect(bad.length).toBeGreaterThan(2)
    expect(bad.at(-1)?.at).toBeGreaterThan(receiver.taken[0]?.at as number)
    // A timer may be a millisecond early.
    const pauses = bad.slice(1, 4).map(({ at }, i) => at - (bad[i]?.at ?? 0))
    for (const [i, pause] of pauses.entries())
      expect(pause).toBeGreaterThanOrEqual(plan.firstPauseMs * 2 ** i - 1)
    expect(new Set(bad.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
    const webhook = { scope: 'shop', name: 'crm' }
    const [dead] = await listDeliveries(commands, webhook, { status: 'dead', offset: 0, limit: 1 })
    const { attempts = 0, lastAt = 0, earlier = [] } = dead?.attempts ?? {}
    expect(attempts).toBe(bad.length)
    expect(earlier).toHaveLength(Math.min(9, bad.length - 1))
    const times = [lastAt, ...earlier.map(({ at }) => at)]
    expect(times).toEqual(times.toSorted((a, b) => b - a))
    for (const one of earlier) expect(one).toMatchObject({ status: 500, answer: 'no, not now' })

    await new EventMaintenance({ redis: commands, retentionMs: 3_600_000 }).run()
    expect(await redis.xlen(keys.events('shop'))).toBeGreaterThan(1)
    await new EventMaintenance({ redis: commands, retentionMs: -1_000 }).run()
    expect(await redis.xlen(keys.events('shop'))).toBe(0)
    expect(await redis.xlen(keys.eventPlaces)).toBe(0)
    expect(await redis.zcard(keys.eventIds('shop'))).toBe(0)
    await redeliverMany(commands, webhook, { status: 'dead', since: 0 })
    await waitFor(
      'it to be dropped',
      async () => (await countDeliveries(commands, 'shop', 'crm')).dropped === 1,
    )
    expect(await readFigures(commands)).toMatchObject({
      ...{ [figures.failedAttempts]: String(bad.length), [figures.delivery('delivered')]: '1' },
      ...{ [figures.delivery('dead')]: '1', [figures.delivery('dropped')]: '1' },
    })
    expect(await readWebhookLags(commands)).toEqual([])
  },
)

deliveryTest.extend('plan', { ...plan, holdMs: 60_000 })(
  'a receiver that hangs is asked again under the same id, one request of a chat at a time, and delays no other',
  async ({ delivering }) => {
    const slow = await delivering.session('slow')
    const quick = await delivering.session('quick')
    const hung = Promise.withResolvers<void>()
    slow.receiver.answer = async () => {
      if (slow.receiver.requests.length > 1) return 200
      await hung.promise
      return 0
    }
    await hear(slow.worker, MARIA, 'one', 'two')
    await waitFor('the first request', () => slow.receiver.open > 0)
    await hear(quick.worker, MARIA, 'three')
    await waitFor('the quick one', () => quick.receiver.taken.length > 0)
    expect(slow.receiver.requests).toEqual([])
    hung.resolve()
    await waitFor('the rest', () => slow.receiver.taken.length >= 2)
    const asked = slow.receiver.requests.map(({ event, status }) => [event.data.text, status])
    expect(asked.slice(-2)).toEqual([
      ['one', 200],
      ['two', 200],
    ])
    const ones = slow.receiver.requests.filter(({ event }) => event.data.text === 'one')
    expect(ones.length).toBeGreaterThan(1)
    expect(new Set(ones.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
  },
)
