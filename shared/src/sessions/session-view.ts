import type { EngineFields } from './engine.ts'
import type { RestrictionFields } from './restriction.ts'
import { isSessionReason, type SessionReason, type SessionStatus, sentenceFor } from './session-lifecycle.ts'

/**
 * What Redis holds of one session. Every field is text, as a Redis hash keeps it; an absent field is undefined.
 * `token` is the lease token under which `status` and `reason` were written.
 */
export interface SessionFields extends Partial<EngineFields>, Partial<RestrictionFields> {
  createdAt?: string
  /** ISO time of the last move to `ready`; kept while disconnected. */
  connectedAt?: string
  messageCount?: string
  /** '1' while the profile on the volume is believed to hold a login. */
  savedLogin?: string
  /** Digits of the paired account. */
  account?: string
  phone?: string
  pushName?: string
  /** The account's own hidden identity. */
  lid?: string
  /** When a message of it last got its first ack, epoch ms. */
  lastAckAt?: string
  /** '1' from DELETE /session until the keys are gone. */
  deleting?: string
  /** '1' from POST /session/logout until that was done or given up. */
  loggingOut?: string
  /** Why nobody should run it: `operator`, `idle`, `unlinked` or `logout_unconfirmed`. */
  stopped?: string
  status?: string
  reason?: string
  token?: string
  /** Who holds the lease, or held it last and never let go. */
  worker?: string
  /** '1' while nobody followed an owner whose death was proven. */
  ownerIsDead?: string
  /** The raw code that WhatsApp Web shows as a QR, and when it stops being valid (epoch ms). */
  qr?: string
  qrExpiresAt?: string
  memoryMb?: string
  /** The cap that its owner keeps it under; absent where there is none. */
  memoryLimitMb?: string
  /** Epoch ms of the last publication by the owner. */
  updatedAt?: string
  /** Faults in a row, for the rests between attempts; reset when it has sent or `ready` has lasted. */
  failures?: string
  /** Owners that died since the session last was `ready`. */
  deaths?: string
  /** Times in a row that it went over its memory limit; reset when `ready` has lasted. */
  memoryFaults?: string
  /** The message whose file was being brought into the page when it last went over its limit, and how often in a row it was. */
  heavyMessage?: string
  heavyFaults?: string
  /** '1' after its browser was replaced because of its size, until `ready` has lasted. */
  recycled?: string
  /** '1' while its messages are to wait. */
  paused?: string
  /** When somebody last had them go on, epoch ms. */
  resumedAt?: string
  /** Its own proxy as it may be shown, without its password. */
  proxy?: string
  /** What it changes of the default pacing, as JSON (`PacingChanges`). */
  pacing?: string
  /** What its owner goes by, as JSON (`Pacing`). */
  pacingInForce?: string
  /** Epoch ms at which its account was first paired with this session. */
  pairedAt?: string
  /** Until when (epoch ms) its messages wait because of its daily cap. */
  heldUntil?: string
  /** Its daily cap as `<day>:<cap>`, where messages over it are refused; the day is counted as in `keys.ackedOn`. */
  refusedFrom?: string
  /** Why its sends are in doubt, while they are, and since when (epoch ms). */
  degraded?: string
  degradedSince?: string
  /** Browsers replaced in a row because sends stayed without an ack; reset by the first ack. */
  unackedRestarts?: string
  sequence?: string
  /** The number of its newest event. */
  eventSequence?: string
  epoch?: string
}

/** The fields that decide what a session is shown as. Who only counts sessions reads no others. */
export const decidingFields = [
  'createdAt',
  'deleting',
  'loggingOut',
  'token',
  'status',
  'reason',
  'savedLogin',
  'stopped',
] as const satisfies readonly (keyof SessionFields)[]
type DecidingFields = Pick<SessionFields, (typeof decidingFields)[number]>

/** Everything that decides what a session is, read in one call. */
export interface SessionSnapshot {
  fields: SessionFields
  /** The token of the live lease, null where nobody owns the session. */
  leaseToken: string | null
  /** Score in the desired set (epoch ms before which it is not placed), null where it is not desired. */
  notBefore: number | null
  /** Redis' own time, epoch ms. */
  nowMs: number
}

export interface SessionView {
  status: SessionStatus
  reason: SessionReason
  message: string
  /** True when an owner with a live lease said so itself. */
  live: boolean
}

/**
 * Derives what a caller is told. Observed state counts only under the lease it was written with: whatever a
 * dead owner left behind reads as `initializing`, never as `ready`.
 */
export function viewSession(
  snapshot: Omit<SessionSnapshot, 'fields'> & { fields: DecidingFields },
): SessionView {
  const { fields, leaseToken, notBefore } = snapshot
  if (fields.createdAt === undefined) return view('not_found', 'unknown_session')
  if (fields.deleting === '1') return view('stopped', 'deleting')
  if (fields.loggingOut === '1') return view('stopped', 'logging_out')
  const owned = leaseToken !== null && fields.token === leaseToken
  if (owned) return view(ownedStatus(fields.status), reasonOf(fields, 'starting'), true)
  if (notBefore === null) return resting(fields)
  if (leaseToken !== null) return view('initializing', fields.savedLogin === '1' ? 'restoring' : 'starting')
  if (notBefore > snapshot.nowMs) return view('initializing', reasonToRest(fields))
  if (fields.status === 'ready' || fields.reason === 'reconnecting')
    return view('initializing', 'reconnecting')
  if (fields.reason === 'recycling') return view('initializing', 'recycling')
  return view('initializing', 'waiting_for_worker')
}

const toldWhileResting: ReadonlySet<SessionReason> = new Set([
  'account_blocked',
  'crash_loop',
  'memory_limit',
  'page_unsupported',
  'proxy_blocked',
  'proxy_refused',
  'proxy_unreachable',
  'whatsapp_unreachable',
])

/** Why a session waits for its next attempt. */
function reasonToRest({ reason }: DecidingFields): SessionReason {
  return isSessionReason(reason) && toldWhileResting.has(reason) ? reason : 'restarting'
}

/** When the next owner may take a session that rests (epoch ms); null where it does not rest. */
export function nextAttemptAt({ leaseToken, notBefore, nowMs }: SessionSnapshot): number | null {
  return leaseToken === null && notBefore !== null && notBefore > nowMs ? notBefore : null
}

/** A session that nobody is meant to run. */
function resting(fields: DecidingFields): SessionView {
  if (fields.status === 'failed') return view('failed', reasonOf(fields, 'auth_failure'))
  if (isSessionReason(fields.stopped)) return view('stopped', fields.stopped)
  if (fields.savedLogin === '1') return view('stopped', 'saved_login')
  return view('failed', 'qr_expired')
}

function ownedStatus(status: string | undefined): SessionStatus {
  if (status === 'ready' || status === 'waiting_qr' || status === 'failed' || status === 'stopped')
    return status
  return 'initializing'
}

function reasonOf(fields: DecidingFields, fallback: SessionReason): SessionReason {
  return isSessionReason(fields.reason) ? fields.reason : fallback
}

function view(status: SessionStatus, reason: SessionReason, live = false): SessionView {
  return { status, reason, message: sentenceFor(reason), live }
}

/** True for a session that any request naming it should load: a saved login that was not stopped on purpose. */
export function isRestorable(snapshot: SessionSnapshot): boolean {
  const { fields, notBefore } = snapshot
  const { savedLogin, deleting, stopped = 'idle' } = fields
  if (savedLogin !== '1' || deleting === '1' || stopped !== 'idle') return false
  return notBefore === null && fields.status !== 'failed'
}
