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

/** What `GET /queue` answers. */
export interface QueueAnswer {
  paused: boolean
  waiting: number
  urgent: number
  scheduled: number
  nextDueAt: string | null
  sending: number
  oldestMs: number | null
}

export interface Attempt {
  at: string
  httpStatus: number | null
  tookMs: number
  answer: string
}

/** An entry of `GET /webhooks/:name/deliveries`. */
export interface Delivery {
  id: string
  sessionId: string
  chatId: string | null
  status: string
  at: string
  attempts: number
  lastAttempt: Attempt | null
  /** The latest first. */
  earlierAttempts: Attempt[]
}

/** What `POST /webhooks/:name/test` answers. */
export interface WebhookTest {
  success: boolean
  httpStatus: number | null
  tookMs: number
  answer: string
}
