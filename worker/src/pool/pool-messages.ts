/**
 * What a worker and the pool that forked it say to each other over Node's own channel. A worker in a container has
 * no pool: what it says goes into the locks that it shares with the other workers of its host (`host/`).
 */

/** From worker to pool. */
export type WorkerMessage =
  /** Connected to Redis, owns nothing, takes the next placement. */
  | { type: 'idle'; workerId: string }
  /** Is about to ask for the lease of this session; said first, so that nobody dies as an owner without a word. */
  | { type: 'claims'; sessionId: string }
  /** Owns this session from now on. */
  | { type: 'owns'; sessionId: string; token: string }
  /** Wants to start a browser and waits for `start`. */
  | { type: 'start-wanted' }
  /** The browser is up, or its start failed: the next one may start. */
  | { type: 'start-over' }
  /** The process group of its browser, which the pool kills should the worker be unable to; null when it is gone. */
  | { type: 'browser'; pid: number | null }
  /** Owns nothing and is about to end. */
  | { type: 'left' }

/** From pool to worker. */
export type PoolMessage = { type: 'start' }
