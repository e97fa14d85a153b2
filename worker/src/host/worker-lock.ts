import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, rmSync, writeSync } from 'node:fs'

/** Every content has this length, so that one write replaces the whole of it. */
const CONTENT_BYTES = 128

/**
 * A file that this worker holds locked for its whole life, and in which it names its session. Written in place: the
 * lock is on this very file, and one that were put in its stead would be free.
 */
export class WorkerLock {
  readonly path: string
  readonly #descriptor: number

  private constructor(path: string, descriptor: number) {
    this.path = path
    this.#descriptor = descriptor
  }

  /** @throws where the file cannot be made or locked */
  static async take(path: string): Promise<WorkerLock> {
    const lock = new WorkerLock(path, openSync(path, 'wx+', 0o600))
    try {
      if (!(await lockOpenFile(lock.#descriptor))) throw new Error('the volume gives no locks')
      lock.name(null)
      return lock
    } catch (error) {
      lock.remove()
      throw error
    }
  }

  /** Says which session this worker is about to own. */
  name(sessionId: string | null): void {
    writeSync(this.#descriptor, JSON.stringify({ sessionId }).padEnd(CONTENT_BYTES), 0)
  }

  /** Nothing is left to be found. */
  remove(): void {
    rmSync(this.path, { force: true })
    closeSync(this.#descriptor)
  }
}

/**
 * Takes the lock of a file that this process has open, without waiting. Node cannot ask for one, but such a lock
 * belongs to the open file and not to who asked: a child that gets the descriptor asks and ends, and this process holds
 * the lock until it closes the file or dies, by kill -9 too. No later child inherits it: Node opens files close-on-exec.
 * @returns false where somebody holds it, or the volume knows no locks
 * @throws where the program flock is missing
 */
export async function lockOpenFile(descriptor: number): Promise<boolean> {
  const child = spawn('flock', ['--nonblock', '3'], { stdio: ['ignore', 'ignore', 'ignore', descriptor] })
  const [code] = await once(child, 'exit')
  return code === 0
}
