import { readFileSync } from 'node:fs'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isSessionId } from '@wsg/shared/sessions/session-id.ts'

const BOOT_ID = '/proc/sys/kernel/random/boot_id'
const LOCK = '.lock'

/** A worker as its file says: what it owns, or was about to own. */
export interface HostWorker {
  workerId: string
  sessionId: string | null
}

/**
 * What the workers of one host share on the profile volume, in a folder of its own beside the profiles. A lock of the
 * operating system says something only within one kernel, so the folder is named after its boot: what another
 * boot, or another machine that mounts the same volume, left here is never judged.
 */
export class HostFolder {
  /** Where every host, and every boot of it, has its folder. */
  static rootIn(profiles: string): string {
    return join(profiles, '.hosts')
  }

  readonly workers: string
  readonly starts: string
  /** Its time of change says when somebody last looked for dead workers. */
  readonly looked: string

  constructor(profiles: string, bootId: string) {
    const folder = join(HostFolder.rootIn(profiles), bootId)
    this.workers = join(folder, 'workers')
    this.starts = join(folder, 'starts')
    this.looked = join(folder, 'looked')
  }

  async create(): Promise<void> {
    await mkdir(this.workers, { recursive: true, mode: 0o700 })
    await mkdir(this.starts, { recursive: true, mode: 0o700 })
  }

  lockOf(workerId: string): string {
    return join(this.workers, `${workerId}${LOCK}`)
  }

  /** Everyone who has a file here, dead or alive. */
  async list(): Promise<HostWorker[]> {
    const workerIds = workerIdsIn(await readdir(this.workers))
    return await Promise.all(
      workerIds.map(async (workerId) => ({ workerId, sessionId: await this.sessionOf(workerId) })),
    )
  }

  /** @returns null where the worker names no session, is just writing, or is gone */
  async sessionOf(workerId: string): Promise<string | null> {
    try {
      const { sessionId } = JSON.parse(await readFile(this.lockOf(workerId), 'utf8')) as {
        sessionId: unknown
      }
      return typeof sessionId === 'string' && isSessionId(sessionId) ? sessionId : null
    } catch {
      return null
    }
  }
}

export function workerIdsIn(names: string[]): string[] {
  return names.filter((name) => name.endsWith(LOCK)).map((name) => name.slice(0, -LOCK.length))
}

/** @throws where the system has none: only Linux does */
export function readBootId(): string {
  return readFileSync(BOOT_ID, 'utf8').trim()
}
