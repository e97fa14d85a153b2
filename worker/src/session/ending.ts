import { NO_RESTRICTION, restrictsEverything } from '@wsg/shared/sessions/restriction.ts'
import type { Happening } from '@wsg/shared/sessions/session-history.ts'
import type { SessionReason } from '@wsg/shared/sessions/session-lifecycle.ts'
import type { SessionFields } from '@wsg/shared/sessions/session-view.ts'
import {
  BrowserMissing,
  ClientFailed,
  ForeignWorld,
  ProfileNotOwned,
  WhatsAppUnreachable,
} from '../whatsapp/client-errors.ts'
import type { ClientFault } from '../whatsapp/whatsapp-client.ts'
import type { Publication } from './session-publisher.ts'

/** How an ownership ends. */
export type SessionEnd =
  /** Nobody wants the session to run any more. */
  | { kind: 'stopped' }
  /** This process stops; the session goes on elsewhere. */
  | { kind: 'handed_over' }
  /** Somebody asked for a new browser. */
  | { kind: 'restarted' }
  /** The browser had grown too large; `again` where it had just been replaced for that. */
  | { kind: 'recycled'; again: boolean; detail: string }
  /** Sends stayed without an ack, so another browser is tried; `restarts` were in a row before this one. */
  | { kind: 'unacked'; restarts: number; detail: string }
  /** Its owners died again and again: it rests before another browser is started. */
  | { kind: 'rests'; row: 'deaths' | 'memoryFaults' }
  /** It is to be logged out and kept: is done last, where WhatsApp can be reached. */
  | { kind: 'logout' }
  /** It is to be logged out and removed. */
  | { kind: 'deleted' }
  /** WhatsApp Web is not to be used at the moment, whoever tries it. */
  | { kind: 'unusable'; reason: UnusableReason; detail: string }
  /** No further try would help before a person has done something. */
  | { kind: 'failed'; reason: FailureReason; detail?: string }
  /** The browser or the page did not do what it must: the process ends with it. */
  | { kind: 'fault'; fault: ClientFault | MemoryFault }
  /** Somebody else may own the session: nothing was written, the browser is dead. */
  | { kind: 'fenced' }

/** It went over its memory limit and was killed, by the kernel or by its worker. */
interface MemoryFault {
  kind: 'memory_limit'
  detail: string
}

type UnusableReason = Extract<
  SessionReason,
  | 'whatsapp_unreachable'
  | 'page_unsupported'
  | 'account_blocked'
  | 'proxy_blocked'
  | 'proxy_unreachable'
  | 'proxy_refused'
>

/** How long a session rests at least, in ms, before it looks whether that has changed. */
const shortestRestMs: Record<UnusableReason, number> = {
  whatsapp_unreachable: 1_000,
  page_unsupported: 60_000,
  account_blocked: 900_000,
  proxy_blocked: 60_000,
  // These two cost no browser.
  proxy_unreachable: 2_000,
  proxy_refused: 60_000,
}

function isUnusable(kind: string): kind is UnusableReason {
  return Object.hasOwn(shortestRestMs, kind)
}

/** Of which the session's history says more. */
const toldInDetail: ReadonlySet<UnusableReason> = new Set(['page_unsupported', 'proxy_unreachable'])

type FailureReason = Extract<
  SessionReason,
  | 'qr_expired'
  | 'logged_out'
  | 'auth_failure'
  | 'passkey_required'
  | 'profile_not_owned'
  | 'foreign_world'
  | 'browser_missing'
>

/** After these the profile holds no login any more, or never did. */
const losesLogin: readonly FailureReason[] = ['qr_expired', 'logged_out', 'auth_failure', 'passkey_required']

/** What went wrong in a row, as the session's hash keeps it from owner to owner. */
export interface FailuresInARow {
  /** Faults that an owner met and lived to tell; forgotten once the session has sent, or `ready` has lasted. */
  failures: number
  /** Owners that died; forgotten with every `ready`, because the death of one that worked is not the session's fault. */
  deaths: number
  /** Times that it went over its memory limit; forgotten once `ready` has lasted. */
  memoryFaults: number
}

/**
 * From so many in a row on it is called a loop: the reason says so, and a session without a login is given up. For its
 * memory earlier, as each time costs the machine a full container.
 */
const loops = {
  failures: { from: 8, reason: 'crash_loop' },
  deaths: { from: 8, reason: 'crash_loop' },
  memoryFaults: { from: 5, reason: 'memory_limit' },
} as const

const LONGEST_REST_MS = 300_000

/** How long a session rests after so many in a row, in ms: 0, 1 s, 2 s, 4 s … 5 minutes. */
export function restMs(inARow: number): number {
  return inARow <= 1 ? 0 : Math.min(LONGEST_REST_MS, 1_000 * 2 ** (inARow - 2))
}

/** A message whose file was being brought into the page when the session went over its memory limit, so often in a row. */
export interface HeavyMessage {
  messageId: string
  faults: number
}

export function failuresOf({ failures, deaths, memoryFaults }: SessionFields): FailuresInARow {
  return {
    failures: Number(failures ?? 0),
    deaths: Number(deaths ?? 0),
    memoryFaults: Number(memoryFaults ?? 0),
  }
}

/**
 * What an owner does that follows one which died: that one could not rest itself.
 * @returns how the ownership ends before any browser is started; null where it goes on
 */
export function endAfterDeath({ deaths, memoryFaults }: FailuresInARow): SessionEnd | null {
  const row = restMs(deaths) >= restMs(memoryFaults) ? 'deaths' : 'memoryFaults'
  return restMs({ deaths, memoryFaults }[row]) === 0 ? null : { kind: 'rests', row }
}

/** Why an owner logs its session out. */
export type Leaving = 'logout' | 'deleted'

/**
 * One that is to be deleted is deleted however it ends here. One that is only to be logged out goes on to that under a new
 * browser, is stopped by a fault on the way, and fails where a person has to do something first.
 */
export function orLeaving(end: SessionEnd, leaving: Leaving | null): SessionEnd {
  if (leaving === null || end.kind === 'handed_over' || end.kind === 'fenced') return end
  if (leaving === 'deleted') return { kind: 'deleted' }
  if (end.kind === 'restarted' || end.kind === 'recycled') return end
  return end.kind === 'failed' && end.reason !== 'logged_out' ? end : { kind: 'logout' }
}

/** True where only this ownership ends and the session is to run on. */
export function goesOn({ kind }: SessionEnd): boolean {
  return !['stopped', 'logout', 'deleted', 'failed', 'fenced'].includes(kind)
}

/** Most faults end the process and are tried again; a refused login is no fault and is not. */
export function endOfFault(fault: ClientFault): SessionEnd {
  const { kind, detail } = fault
  if (kind === 'auth_failure' || kind === 'passkey_required') return { kind: 'failed', reason: kind, detail }
  if (isUnusable(kind)) return { kind: 'unusable', reason: kind, detail }
  return { kind: 'fault', fault }
}

/** How an ownership ends whose client could not be opened. */
export function endOfOpening(error: unknown): SessionEnd {
  const detail = error instanceof Error ? error.message : String(error)
  if (error instanceof ClientFailed) return endOfFault(error.fault)
  if (error instanceof WhatsAppUnreachable)
    return { kind: 'unusable', reason: 'whatsapp_unreachable', detail }
  if (error instanceof ProfileNotOwned) return { kind: 'failed', reason: 'profile_not_owned', detail }
  if (error instanceof ForeignWorld) return { kind: 'failed', reason: 'foreign_world', detail }
  if (error instanceof BrowserMissing) return { kind: 'failed', reason: 'browser_missing', detail }
  return { kind: 'fault', fault: { kind: 'unexpected', detail } }
}

/** Where the kernel kills for memory, all that is seen is a browser or a page that is gone. */
export function orMemoryFault(end: SessionEnd, killedByKernel: () => boolean): SessionEnd {
  if (end.kind !== 'fault' || (end.fault.kind !== 'browser_gone' && end.fault.kind !== 'page_crashed'))
    return end
  if (!killedByKernel()) return end
  return { kind: 'fault', fault: { kind: 'memory_limit', detail: `killed by the kernel: ${end.fault.kind}` } }
}

/** What is known of the session when it ends. */
export interface EndFacts {
  savedLogin: boolean
  /** WhatsApp has confirmed a logout, or there was nothing to log out. */
  isUnlinked: boolean
  /** Before this end. */
  inARow: FailuresInARow
  heavy: HeavyMessage | null
  /** The message whose file was being brought into the page as it ended. */
  uploading: string | null
  wasReady: boolean
  /** Under this owner a message was acked: what failed before is over, and this end is the first of a row. */
  hasSent: boolean
  /** Why nobody wants it, as the gateway wrote it. */
  stopped: string | undefined
  /** What the account was kept from before this end. */
  restriction: string | undefined
  restrictedSince: string | undefined
  /** Redis' time, epoch ms. */
  nowMs: number
  /** Whether somebody wants it nevertheless: it may have been asked for again while it was being stopped. */
  wanted: boolean
}

export interface EndPlan {
  publication: Omit<Publication, 'release'>
  /** The profile goes: there is no login in it, and the next start must not find the remains of one. */
  removesProfile: boolean
}

/** What is published when an ownership ends so, when the next one may begin, and what becomes of the profile. */
export function planEnd(end: Exclude<SessionEnd, { kind: 'deleted' | 'fenced' }>, facts: EndFacts): EndPlan {
  switch (end.kind) {
    case 'stopped': {
      if (facts.wanted) return goingOn(facts, { happened: { event: 'restarted' } })
      const reason = facts.stopped === 'idle' ? 'idle' : 'operator'
      const happened = { event: 'stopped', detail: reason } as const
      return { publication: { status: 'stopped', reason, happened }, removesProfile: !facts.savedLogin }
    }
    case 'logout': {
      const reason = facts.isUnlinked ? 'unlinked' : 'logout_unconfirmed'
      const fields = { stopped: reason, ...(facts.isUnlinked && { savedLogin: '' }) }
      const happened = { event: 'stopped', detail: reason } as const
      return {
        publication: { status: 'stopped', reason, wish: 'drop', fields, happened },
        removesProfile: facts.isUnlinked,
      }
    }
    case 'handed_over':
    case 'restarted':
      return goingOn(facts, { happened: { event: end.kind } })
    case 'recycled': {
      if (end.again) return againInARow('memoryFaults', facts, { event: 'memory_limit', detail: end.detail })
      const happened = { event: 'recycled', detail: end.detail } as const
      return goingOn(facts, { reason: 'recycling', fields: { recycled: '1' }, happened })
    }
    case 'unacked': {
      // It is never called a loop: each try costs two messages at most.
      const unackedRestarts = end.restarts + 1
      return goingOn(facts, {
        rest: restMs(unackedRestarts),
        fields: { unackedRestarts: String(unackedRestarts) },
        happened: { event: 'unacked', detail: end.detail },
      })
    }
    case 'rests':
      return resting(end.row, facts.inARow[end.row], facts)
    case 'fault':
      if (end.fault.kind === 'memory_limit') return outOfMemory(facts, happenedOf(end.fault))
      return againInARow('failures', facts, happenedOf(end.fault))
    case 'unusable': {
      const { reason } = end
      const restricted = restrictedBy(reason, facts)
      if (!facts.savedLogin) return givenUp(reason, restricted, true)
      const failures = countOf('failures', facts) + 1
      const happened = {
        event: reason,
        ...(toldInDetail.has(reason) && { detail: end.detail }),
      }
      const rest = Math.max(shortestRestMs[reason], restMs(failures))
      return goingOn(facts, { rest, reason, fields: { failures: String(failures), ...restricted }, happened })
    }
    case 'failed': {
      const { reason } = end
      const forgets = losesLogin.includes(reason)
      return givenUp(reason, forgets ? { savedLogin: '' } : {}, forgets)
    }
  }
}

/** What is kept of a refusal that is about the account or its network: since when it has lasted. */
function restrictedBy(
  reason: UnusableReason,
  { restriction, restrictedSince, nowMs }: EndFacts,
): SessionFields {
  if (!restrictsEverything(reason)) return {}
  const since = restriction === reason ? restrictedSince : String(nowMs)
  return { ...NO_RESTRICTION, restriction: reason, ...(since !== undefined && { restrictedSince: since }) }
}

function countOf(row: keyof FailuresInARow, { inARow, hasSent }: EndFacts): number {
  return row === 'failures' && hasSent ? 0 : inARow[row]
}

/** One more in a row. */
function againInARow(row: 'failures' | 'memoryFaults', facts: EndFacts, happened: Happening): EndPlan {
  return resting(row, countOf(row, facts) + 1, facts, happened)
}

/** Which file it was is remembered: one that takes its worker down each time is not tried for ever. */
function outOfMemory(facts: EndFacts, happened: Happening): EndPlan {
  const { heavy, uploading } = facts
  const plan = againInARow('memoryFaults', facts, happened)
  const faults = heavy !== null && heavy.messageId === uploading ? heavy.faults + 1 : 1
  const fields = uploading === null ? {} : { heavyMessage: uploading, heavyFaults: String(faults) }
  return { ...plan, publication: { ...plan.publication, fields: { ...plan.publication.fields, ...fields } } }
}

function resting(row: keyof FailuresInARow, count: number, facts: EndFacts, happened?: Happening): EndPlan {
  const { from, reason } = loops[row]
  // Deaths were counted by the lease.
  const fields = row === 'deaths' || happened === undefined ? {} : { [row]: String(count) }
  if (count < from) return goingOn(facts, { rest: restMs(count), fields, happened })
  if (!facts.savedLogin) return givenUp(reason, fields, false)
  return goingOn(facts, { rest: restMs(count), reason, fields, happened })
}

function givenUp(reason: SessionReason, fields: SessionFields, removesProfile: boolean): EndPlan {
  const happened: Happening =
    reason === 'logged_out' ? { event: reason } : { event: 'failed', detail: reason }
  return { publication: { status: 'failed', reason, wish: 'drop', fields, happened }, removesProfile }
}

interface GoingOn {
  /** How long before another owner may take it, in ms. */
  rest?: number
  reason?: SessionReason
  fields?: SessionFields
  happened?: Happening | undefined
}

function goingOn({ wasReady }: EndFacts, { rest = 0, reason, fields = {}, happened }: GoingOn = {}): EndPlan {
  return {
    publication: {
      status: 'initializing',
      reason: reason ?? (wasReady && rest === 0 ? 'reconnecting' : 'restarting'),
      fields,
      ...(rest === 0 ? {} : { wish: rest }),
      ...(happened === undefined ? {} : { happened }),
    },
    removesProfile: false,
  }
}

/** What an unknown error says of itself may hold anything, so it is not kept. */
function happenedOf({ kind, detail }: ClientFault | MemoryFault): Happening {
  if (kind === 'unexpected' || kind === 'auth_failure' || kind === 'passkey_required')
    return { event: 'unexpected' }
  return { event: kind, detail }
}
