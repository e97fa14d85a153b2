import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { keys } from '@wsg/shared/redis/keys.ts'
import { ProfileFolder } from '@wsg/worker/src/session/profile-folder.ts'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { overload } from '../../support/overload.ts'
import { browsersOn, descendants, isAlive, listProcesses } from '../../support/processes.ts'
import { stopwatch } from '../../support/stopwatch.ts'
import { waitFor } from '../../support/wait-for.ts'
import { WorkerRig } from './worker-rig.ts'

const MAIN = join(import.meta.dirname, '../../../worker/src/main.ts')
const GONE_WITHIN_MS = 3_000

/** Real worker processes: what counts here is that the process itself ends. */
describe('a worker that is to end while Redis is gone', () => {
  let rig: WorkerRig
  let dataDir: string
  /** Takes connections and never says a word, so that a browser stays busy with loading. */
  let silentServer: Server
  let child: ChildProcess

  beforeAll(async () => {
    rig = await WorkerRig.start()
    silentServer = createServer().listen(0, '127.0.0.1')
    await once(silentServer, 'listening')
  })
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'worker-process-'))
    const { port } = silentServer.address() as { port: number }
    child = fork(MAIN, [], {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      execArgv: [],
      env: {
        ...process.env,
        REDIS_URL: rig.server.url,
        DATA_DIR: dataDir,
        CHROMIUM_ARGS: `"--host-resolver-rules=MAP web.whatsapp.com 127.0.0.1:${port}"`,
      },
    })
    child.on('message', ({ type }: { type: string }) => {
      if (type === 'start-wanted') child.send({ type: 'start' })
    })
    await waitFor('an idle worker', () => rig.redis.zcard(keys.idleWorkers))
  })
  afterEach(async () => {
    child.kill('SIGKILL')
    await rm(dataDir, { recursive: true, force: true })
    rig.server.resume()
    await rig.server.kill()
    await rig.server.restart()
    await waitFor('the connection', () => rig.redis.status === 'ready')
    await rig.reset()
  })
  afterAll(async () => {
    silentServer.close()
    await rig.close()
  })

  const ways = {
    'loses its pool': () => child.disconnect(),
    'is told to stop': () => child.kill('SIGTERM'),
  }
  const end = async (way: keyof typeof ways): Promise<number> => {
    const below = descendants(listProcesses(), [child.pid as number])
    const gone = once(child, 'exit')
    const passedMs = stopwatch()
    ways[way]()
    await gone
    const tookMs = passedMs()
    await waitFor('nothing to be left over', () => below.every(({ pid }) => !isAlive(pid)))
    return tookMs
  }

  it.each(['loses its pool', 'is told to stop'] as const)('is gone in time when it %s, idle', async (way) => {
    await rig.server.kill()
    expect(await end(way)).toBeLessThan(GONE_WITHIN_MS * overload())
  })

  it('is gone in time when Redis hangs', async () => {
    rig.server.pause()
    expect(await end('loses its pool')).toBeLessThan(GONE_WITHIN_MS * overload())
  })

  it.each(['loses its pool', 'is told to stop'] as const)(
    'is gone in time with its browser when it %s',
    async (way) => {
      const profile = new ProfileFolder(dataDir).pathOf('sales')
      await rig.want('sales')
      await waitFor('the browser', () => browsersOn(profile).length === 1)
      await rig.server.kill()
      expect(await end(way)).toBeLessThan(GONE_WITHIN_MS * overload())
      expect(browsersOn(profile)).toEqual([])
    },
  )
})
