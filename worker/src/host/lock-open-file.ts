import { spawn } from 'node:child_process'
import { once } from 'node:events'

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
