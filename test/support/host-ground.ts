import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HostFolder } from '@wsg/worker/src/host/host-folder.ts'

const FILES = new URL('../../worker/src/host/', import.meta.url).href

/** A process of its own that holds locks and says so. */
export interface Holder {
  child: ChildProcess
  /** Ends it so that it can do nothing about it. */
  kill(signal?: NodeJS.Signals): Promise<void>
}

/** A volume with profiles, and processes that hold locks on it. */
export class HostGround {
  readonly profiles: string
  readonly folder: HostFolder
  readonly #holders: Holder[] = []

  private constructor(profiles: string, bootId: string) {
    this.profiles = profiles
    this.folder = new HostFolder(profiles, bootId)
  }

  static async create(bootId = 'this-boot'): Promise<HostGround> {
    const ground = new HostGround(await mkdtemp(join(tmpdir(), 'host-')), bootId)
    await ground.folder.create()
    return ground
  }

  profileLockOf(sessionId: string): string {
    return join(this.profiles, `session-${sessionId}.lock`)
  }

  /** A worker that names a session and does nothing else. */
  worker(workerId: string, sessionId: string | null): Promise<Holder> {
    return this.run(`
      const { WorkerLock } = await import('${FILES}worker-lock.ts')
      const lock = await WorkerLock.take(${JSON.stringify(this.folder.lockOf(workerId))})
      lock.name(${JSON.stringify(sessionId)})`)
  }

  /** What a living browser does to the lock of its profile. */
  browser(sessionId: string): Promise<Holder> {
    return this.run(`
      const { openSync } = await import('node:fs')
      const { lockOpenFile } = await import('${FILES}worker-lock.ts')
      await lockOpenFile(openSync(${JSON.stringify(this.profileLockOf(sessionId))}, 'a+'))`)
  }

  /** Runs a module that stays, once it said that it is up. */
  async run(code: string): Promise<Holder> {
    const script = `${code}\nconsole.log('up'); setInterval(() => {}, 1000)`
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const gone = once(child, 'exit')
    const holder: Holder = {
      child,
      async kill(signal = 'SIGKILL') {
        child.kill(signal)
        if (signal === 'SIGKILL') await gone
      },
    }
    this.#holders.push(holder)
    const [answer] = await Promise.race([once(child.stdout, 'data'), gone])
    if (!String(answer).startsWith('up')) throw new Error('the holder did not come up')
    return holder
  }

  async close(): Promise<void> {
    for (const { kill } of this.#holders) await kill()
    await rm(this.profiles, { recursive: true, force: true })
  }
}
