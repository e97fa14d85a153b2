/**
 * What a worker and the pool that forked it say to each other over Node's own channel. A worker in a container has
 * no pool and says nothing.
 */

/** From worker to pool. */
export type WorkerMessage =
  /** Connected to Redis, owns nothing, takes the next placement. */
  | { type: 'idle'; workerId: string }
  /** Owns this session from now on. */
  | { type: 'owns'; sessionId: string; token: string }
  /** Wants to start a browser and waits for `start`. */
  | { type: 'start-wanted' }
  /** The browser is up, or its start failed: the next one may start. */
  | { type: 'start-over' }
  /** The process group of its browser, which the pool kills should the worker be unable to; null when it is gone. */
  | { type: 'browser'; pid: number | null }

/** From pool to worker. */
export type PoolMessage = { type: 'start' }
