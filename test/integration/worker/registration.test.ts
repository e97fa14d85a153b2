import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { keys } from '@wsg/shared/redis/keys.ts'
import { expect } from 'vitest'
import { waitFor } from '../../support/wait-for.ts'
import { workerTest as it } from './worker-test.ts'

it('knows every profile on the volume before it is idle, and overwrites nothing that is known', async ({
  rig,
}) => {
  for (const id of ['sales', '123', '-1', '__proto__', 'known']) await rig.makeProfile(id)
  await mkdir(join(rig.profiles.root, 'session-not a session'))
  await writeFile(join(rig.profiles.root, 'session-sales.lock'), '')
  await rig.redis.hset(keys.session('known'), { createdAt: 7, messageCount: 3 })
  await rig.startWorker()
  await waitFor('an idle worker', () => rig.redis.zcard(keys.idleWorkers))

  expect((await rig.redis.zrange(keys.sessions, '0', '-1')).sort()).toEqual([
    '-1',
    '123',
    '__proto__',
    'sales',
  ])
  expect(await rig.view('sales')).toMatchObject({ status: 'stopped', reason: 'saved_login' })
  expect(await rig.redis.hgetall(keys.session('known'))).toEqual({ createdAt: '7', messageCount: '3' })
})

it('is counted while it lives and no longer when it stopped', async ({ rig }) => {
  const { stop, workerId } = await rig.startWorker()
  await waitFor('an idle worker', () => rig.redis.zcard(keys.idleWorkers))
  expect(Number(await rig.redis.zscore(keys.workers, workerId))).toBeGreaterThan(Date.now())
  await stop()
  expect(await rig.redis.zcard(keys.workers)).toBe(0)
  expect(await rig.redis.zcard(keys.idleWorkers)).toBe(0)
})

it('begins to work when Redis comes up after it', async ({ rig }) => {
  await rig.server.kill()
  await rig.startWorker()
  await rig.server.restart()
  await waitFor('an idle worker', () => rig.redis.zcard(keys.idleWorkers))
  await rig.wantPaired('sales')
  await rig.untilView('sales', 'ready')
})
