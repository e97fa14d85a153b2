import type { PoolMessage, WorkerMessage } from './pool-messages.ts'

/** To whoever looks after this worker: the pool that forked it, or the other workers of its host. */
export interface PoolLink {
  tell(message: WorkerMessage): void
  /** Asks to start a browser. Resolves with true when it may, with false where `signal` came first. */
  mayStart(signal: AbortSignal): Promise<boolean>
}

/** The channel of a forked process; null where no pool forked it, as in a container. */
export function connectPool(channel: NodeJS.Process): PoolLink | null {
  if (channel.send === undefined) return null
  let granted = () => {}
  channel.on('message', (message: PoolMessage) => {
    if (message.type === 'start') granted()
  })
  const tell = (message: WorkerMessage) => {
    if (channel.connected) channel.send?.(message, undefined, undefined, () => {})
  }
  return {
    tell,
    mayStart(signal) {
      if (signal.aborted) return Promise.resolve(false)
      return new Promise((resolve) => {
        granted = () => resolve(true)
        signal.addEventListener('abort', () => resolve(false), { once: true })
        tell({ type: 'start-wanted' })
      })
    },
  }
}

/**
 * Runs a browser start when its turn has come: each costs a core for a moment, and all at once would make every one
 * of them time out. Says when it is over, however it ended, also where it was given up before it began.
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
