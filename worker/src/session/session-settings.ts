import { type Pacing, protectivePacing, unpaced, withChanges } from '@wsg/shared/messages/pacing.ts'
import type { Tracer } from '@wsg/shared/tracing/tracer.ts'
import { type AckLimits, ackLimits } from '../outbox/ack-watch.ts'
import type { WorkerConfig } from '../worker-config.ts'

const MS_PER_HOUR = 3_600_000
const SENDS_GRACE_MS = 8_000

export interface SessionSettings {
  leaseTtlMs: number
  retentionMs: number
  /** Whether events say what somebody wrote. */
  eventBodies: boolean
  /** So much of what was written before a session was paired becomes events. */
  historyMs: number
  qrTimeoutMs: number
  resendAfterCrash: 'never' | 'same-id'
  /** How fast a session sends that changes nothing of it. */
  pacing: Pacing
  ackLimits: AckLimits
  /** How long sends in flight may take to get their ack when the session is closed cleanly. */
  sendsGraceMs: number
  /** Null where nothing is traced. */
  tracer: Tracer | null
}

export function sessionSettings(config: WorkerConfig, tracer: Tracer | null): SessionSettings {
  return {
    leaseTtlMs: config.LEASE_TTL_MS,
    retentionMs: config.MESSAGE_RETENTION_HOURS * MS_PER_HOUR,
    eventBodies: config.EVENT_BODIES === 'on',
    historyMs: config.HISTORY_HOURS * MS_PER_HOUR,
    qrTimeoutMs: config.QR_TIMEOUT_MS,
    resendAfterCrash: config.RESEND_AFTER_CRASH,
    pacing: pacingOf(config),
    ackLimits,
    sendsGraceMs: SENDS_GRACE_MS,
    tracer,
  }
}

/** Nobody loses a simulated number. */
function pacingOf({ PACING: asked, WORLD: world }: WorkerConfig): Pacing {
  if (asked === 'off' || (asked === undefined && world === 'sandbox')) return unpaced
  return asked === undefined || asked === 'on' ? protectivePacing : withChanges(protectivePacing, asked)
}
