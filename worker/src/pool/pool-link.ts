import type { PoolMessage, WorkerMessage } from './pool-messages.ts'

/** The worker's end of the channel to the pool that forked it. */
export interface PoolLink {
  tell(message: WorkerMessage): void
  /** Asks to start a browser. Resolves with true when the pool says so, with false where `signal` came first. */
  mayStart(signal: AbortSignal): Promise<boolean>
}

/** A worker in a container: nobody to tell, nobody to ask. */
const noPool: PoolLink = { tell() {}, mayStart: async (signal) => !signal.aborted }

/** The channel of a forked process, or none. */
export function connectPool(channel: NodeJS.Process): PoolLink {
  if (channel.send === undefined) return noPool
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
