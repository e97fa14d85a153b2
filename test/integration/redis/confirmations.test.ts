import { Confirmations, NotReplicated } from '@wsg/shared/redis/connection/confirmations.ts'
import { connectForCommands } from '@wsg/shared/redis/connection/connect.ts'
import { commandsOf } from '@wsg/shared/redis/connection/redis-commands.ts'
import type { Redis } from 'ioredis'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { overload } from '../../support/overload.ts'
import { type RedisServer, startRedis } from '../../support/redis.ts'
import { stopwatch } from '../../support/stopwatch.ts'
import { waitFor } from '../../support/wait-for.ts'

let primary: RedisServer
let replica: RedisServer
let redis: Redis
let other: Redis

beforeEach(async () => {
  primary = await startRedis(['--repl-diskless-sync-delay', '0'])
  replica = await startRedis(['--replicaof', '127.0.0.1', String(primary.port)])
  redis = commandsOf(connectForCommands(primary.url, 'writer'))
  other = commandsOf(connectForCommands(primary.url, 'other'))
  await waitFor('the connections', () => [redis, other].every(({ status }) => status === 'ready'))
  await waitFor('the replica', async () => (await other.wait(1, 100)) === 1)
})

afterEach(async () => {
  redis.disconnect()
  other.disconnect()
  await replica.stop()
  await primary.stop()
})

const waits = async (): Promise<number> =>
  Number(/cmdstat_wait:calls=(\d+)/.exec(await other.info('commandstats'))?.[1] ?? 0)

test('what is confirmed is on the replica', async () => {
  const confirmations = new Confirmations(redis, 1)
  const reader = commandsOf(connectForCommands(replica.url, 'reader'))
  await waitFor('the reader', () => reader.status === 'ready')
  let confirmed = 0
  for (let i = 0; i < 50; i++) {
    const mark = confirmations.mark()
    await redis.set('key', i)
    try {
      await confirmations.confirm(mark)
    } catch (error) {
      // On a machine that is busy otherwise a replica may take its time, and then nothing is said of this one.
      expect(error).toBeInstanceOf(NotReplicated)
      continue
    }
    confirmed += 1
    expect(await reader.get('key')).toBe(String(i))
  }
  expect(confirmed).toBeGreaterThan(25)
  reader.disconnect()
})

test('writes that come together are confirmed together', async () => {
  const before = await waits()
  const confirmations = new Confirmations(redis, 1)
  const write = async (i: number) => {
    const mark = confirmations.mark()
    await redis.set(`key:${i}`, i)
    await confirmations.confirm(mark)
  }
  const ends = await Promise.allSettled(Array.from({ length: 500 }, (_, i) => write(i)))
  expect((await waits()) - before).toBeLessThan(10)
  // A disk that stalls for half a second leaves them unconfirmed, and they hear of it together as well.
  for (const end of ends) if (end.status === 'rejected') expect(end.reason).toBeInstanceOf(NotReplicated)
})

test('says within a second that a replica does not answer, and goes on when it is back', async () => {
  const confirmations = new Confirmations(redis, 1)
  replica.pause()
  const tookMs = stopwatch()
  const mark = confirmations.mark()
  await redis.set('key', 'x')
  await expect(confirmations.confirm(mark)).rejects.toThrow(NotReplicated)
  expect(tookMs()).toBeLessThan(1_000 * overload())
  replica.resume()
  await waitFor('a confirmation', async () => {
    await confirmations.confirm(mark)
    return true
  })
})

test('what was only read here, and written by another connection, is waited for too', async () => {
  const confirmations = new Confirmations(redis, 1)
  replica.pause()
  await other.set('key', 'x')
  const mark = confirmations.mark()
  expect(await redis.get('key')).toBe('x')
  await expect(confirmations.confirm(mark)).rejects.toThrow(NotReplicated)
  replica.resume()
})

test('never confirms over a new connection what was written over an old one', async () => {
  const confirmations = new Confirmations(redis, 1)
  const mark = confirmations.mark()
  await redis.set('key', 'x')
  await other.client('KILL', 'ID', await redis.client('ID'))
  await waitFor(
    'the new connection',
    async () => redis.status === 'ready' && (await redis.get('key')) === 'x',
  )
  await expect(confirmations.confirm(mark)).rejects.toThrow(NotReplicated)
  await waitFor('a confirmation over the new one', async () => {
    await confirmations.confirm(confirmations.mark())
    return true
  })
})

test('a primary that is demoted while it is waited for confirms nothing', async () => {
  const confirmations = new Confirmations(redis, 1)
  replica.pause()
  const mark = confirmations.mark()
  await redis.set('key', 'x')
  const pending = expect(confirmations.confirm(mark)).rejects.toThrow(NotReplicated)
  await other.replicaof('127.0.0.1', replica.port)
  await pending
  replica.resume()
})

test('costs no command where nothing has to be confirmed', async () => {
  const before = await waits()
  const confirmations = new Confirmations(redis, 0)
  replica.pause()
  await redis.set('key', 'x')
  await confirmations.confirm(confirmations.mark())
  expect(await waits()).toBe(before)
  replica.resume()
})
