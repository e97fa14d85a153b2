import { execFile } from 'node:child_process'
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { isSessionId } from '@wsg/shared/sessions/session-id.ts'

const PREFIX = 'session-'
/** What `flock` is told to answer when somebody holds the lock; `rm` never ends so. */
const LOCKED = 75
const RETRY_AFTER_MS = 250

/** The volume with the profiles: one folder per session, as whatsapp-web.js' LocalAuth names it, and a lock beside each. */
export class ProfileFolder {
  readonly root: string

  constructor(dataDir: string) {
    this.root = join(dataDir, '.wwebjs_auth')
  }

  pathOf(sessionId: string): string {
    if (!isSessionId(sessionId)) throw new Error('not a session id')
    return join(this.root, `${PREFIX}${sessionId}`)
  }

  pathsOf(sessionId: string): { profilePath: string; lockPath: string; downloadsPath: string } {
    return {
      profilePath: this.pathOf(sessionId),
      lockPath: this.lockOf(sessionId),
      downloadsPath: this.#downloadsOf(sessionId),
    }
  }

  lockOf(sessionId: string): string {
    return `${this.pathOf(sessionId)}.lock`
  }

  /** The sessions that have a profile here. */
  async sessions(): Promise<string[]> {
    try {
      const entries = await readdir(this.root, { withFileTypes: true })
      const folders = entries.filter((entry) => entry.isDirectory() && entry.name.startsWith(PREFIX))
      return folders.map(({ name }) => name.slice(PREFIX.length)).filter(isSessionId)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw error
    }
  }

  /**
   * Removes a profile while holding its lock, so that it never happens under a living browser. Waits for the lock as
   * long as it takes. The lock file stays: removing it would let two processes hold 'the' lock.
   */
  async remove(sessionId: string): Promise<void> {
    await mkdir(this.root, { recursive: true })
    const args = ['--nonblock', '--conflict-exit-code', String(LOCKED), this.lockOf(sessionId)]
    for (;;) {
      try {
        await promisify(execFile)('flock', [
          ...args,
          'rm',
          '-rf',
          '--',
          this.pathOf(sessionId),
          this.#downloadsOf(sessionId),
        ])
        return
      } catch (error) {
        if ((error as { code?: unknown }).code !== LOCKED) throw error
        await pause(RETRY_AFTER_MS)
      }
    }
  }

  /** Not in the profile, which belongs to the browser's user as a whole. */
  #downloadsOf(sessionId: string): string {
    return `${this.pathOf(sessionId)}.downloads`
  }
}
