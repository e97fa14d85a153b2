import type { HistoryEvent } from '@wsg/shared/sessions/session-history.ts'
import type { SessionDetails } from '../../../sessions/session-answer.ts'

/** What `GET /status` answers. */
export type Status = SessionDetails & {
  queue?: {
    waiting: number
    oldestMs: number | null
    paused: boolean
    heldUntil?: string
    heldBecause?: string
  }
  history?: { at: string; event: HistoryEvent; message: string; detail?: string }[]
  connection?: string
  stale?: true
}

/** A page of a list. */
export interface Listed<T> {
  items: T[]
  nextCursor: string | null
}

/** What `GET /health` answers. */
export interface Health {
  sessions: { total: number; ready: number; waiting_qr: number; initializing: number; failed: number }
  workers: { total: number; idle: number }
  uptime: number
}
