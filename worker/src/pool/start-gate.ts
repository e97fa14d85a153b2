import type { PoolLink } from './pool-link.ts'

/**
 * Runs a browser start when its turn has come: each costs a core for a moment, and all at once would make every one
 * of them time out. Says when it is over, however it ended, and also where it was given up before it began.
 */
export async function passStartGate(
  pool: PoolLink,
  signal: AbortSignal,
  start: () => Promise<void>,
): Promise<void> {
  try {
    if (await pool.mayStart(signal)) await start()
  } finally {
    pool.tell({ type: 'start-over' })
  }
}
