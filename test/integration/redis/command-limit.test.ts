import { connectForCommands } from '@wsg/shared/redis/connection/connect.ts'
import { commandsOf } from '@wsg/shared/redis/connection/redis-commands.ts'
import { expect } from 'vitest'
import { redisTest } from '../../support/redis-test.ts'
import { waitFor } from '../../support/wait-for.ts'

/** Longer than a command may take, and shorter than until a silent server is left. */
const STANDSTILL_MS = 2_000

redisTest(
  'a command that Redis answered while this process stood still has its answer',
  async ({ server, onTestFinished }) => {
    const redis = commandsOf(connectForCommands(server.url, 'test'))
    onTestFinished(() => redis.disconnect())
    await waitFor('the connection', () => redis.status === 'ready')
    // From here on a turn of the loop has its timers first, and then reads what came.
    await new Promise(setImmediate)
    const answer = redis.ping()
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, STANDSTILL_MS)
    expect(await answer).toBe('PONG')
  },
)
