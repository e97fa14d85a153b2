import { keys } from '@wsg/shared/redis/keys.ts'
import { redisTest } from '../../support/redis-test.ts'
import { ActingWorker } from './acting-worker.ts'
import { GatewayUnderTest } from './gateway-under-test.ts'

/** A test of a gateway on a Redis that its file has for itself. */
export const gatewayTest = redisTest
  /** What the gateways are told besides: `gatewayTest.extend('environment', { scope: 'file' }, {…})`. */
  .extend('environment', { scope: 'file' }, {} as Record<string, string>)
  .extend('gateway', { scope: 'file', auto: true }, async ({ server, environment }, { onCleanup }) => {
    const gateway = await GatewayUnderTest.start(server.url, environment)
    onCleanup(() => gateway.close())
    return gateway
  })
  /** Another gateway on the same Redis. */
  .extend('other', { scope: 'file' }, async ({ server, environment }, { onCleanup }) => {
    const gateway = await GatewayUnderTest.start(server.url, environment)
    onCleanup(() => gateway.close())
    return gateway
  })
  /** Plays the worker that owns a session, which has to be desired, until the test is over. */
  .extend('own', ({ server }, { onCleanup }) => {
    const workers: ActingWorker[] = []
    onCleanup(async () => void (await Promise.all(workers.map((worker) => worker.close()))))
    return async (sessionId: string): Promise<ActingWorker> => {
      const worker = await ActingWorker.own(server.url, sessionId)
      workers.push(worker)
      return worker
    }
  })
  /** Makes a session desired and ready, and plays the worker that owns it until the test is over. */
  .extend('ready', ({ server }, { onCleanup }) => {
    const workers: ActingWorker[] = []
    onCleanup(async () => void (await Promise.all(workers.map((worker) => worker.close()))))
    return async (sessionId: string): Promise<ActingWorker> => {
      const worker = await ActingWorker.ready(server.url, sessionId)
      workers.push(worker)
      return worker
    }
  })
  /** The ids of what waits for the session `shop`, in its order. */
  .extend(
    'queued',
    ({ redis }) =>
      () =>
        redis.zrange(keys.queued('shop'), 0, '-1'),
  )
