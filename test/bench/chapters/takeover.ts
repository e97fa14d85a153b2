import { connectForCommands } from '@wsg/shared/redis/connection/connect.ts'
import { commandsOf } from '@wsg/shared/redis/connection/redis-commands.ts'
import { startRedis } from '../../support/redis.ts'
import { kill, Stack } from '../../support/stack.ts'
import { median } from '../figures.ts'
import type { BenchSetting, ChapterResult, Finding } from '../finding.ts'
import { Ground } from '../ground.ts'
import { phone } from '../phones.ts'
import { forgetLockOf, timeAway } from '../time-away.ts'

/** kill -9 of a worker until its session is ready in another one. Each with a session of its own: no fault in a row. */
export async function takeover(setting: BenchSetting): Promise<ChapterResult> {
  return { findings: [await byLease(setting), await whereCertain(setting)] }
}

async function byLease({ quick, note }: BenchSetting): Promise<Finding> {
  const count = quick ? 1 : 3
  await using ground = await Ground.start()
  const times: number[] = []
  for (let n = 1; n <= count; n++) {
    note(`by the lease alone: ${n} of ${count}`)
    const session = `lease-${n}`
    const owner = await ground.startSession(session, phone(n))
    const reserve = await ground.startWorker()
    await ground.untilIdle(1)
    await forgetLockOf(ground.dataDir, owner.pid)
    times.push(await timeAway(ground.redis, session, () => owner.kill()))
    await ground.caller().post('/session/stop', session, {})
    await reserve.stop()
  }
  return found('worker killed (-9), nobody saw it die: by the lease, worst', times, 15)
}

async function whereCertain({ quick, note }: BenchSetting): Promise<Finding> {
  const count = quick ? 2 : 6
  const server = await startRedis()
  const redis = commandsOf(connectForCommands(server.url, 'bench'))
  const stack = await Stack.start({
    simulator: { syncDelayMs: 100 },
    env: { REDIS_URL: server.url, MAX_SESSIONS: '3' },
  })
  const times: number[] = []
  try {
    for (let n = 1; n <= count; n++) {
      note(`where the death is certain: ${n} of ${count}`)
      const session = `certain-${n}`
      await stack.pair(session, phone(n))
      times.push(await timeAway(redis, session, () => kill(stack.workerOf(session).pid, 'SIGKILL')))
      await stack.api.post('/session/stop', session)
    }
  } finally {
    await stack.close()
    redis.disconnect()
    await server.stop()
  }
  return found('worker killed (-9) below npm start: certain, worst', times, 3)
}

function found(what: string, times: number[], atMost: number): Finding {
  const worst = Math.max(...times) / 1_000
  return {
    what,
    ours: `${worst.toFixed(2)} s`,
    figure: worst,
    unit: 's',
    budget: { atMost },
    note: `median ${(median(times) / 1_000).toFixed(2)} s of ${times.length}`,
  }
}
