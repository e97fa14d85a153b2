import type { Happening } from '@wsg/shared/sessions/session-history.ts'
import type { SessionReason } from '@wsg/shared/sessions/session-lifecycle.ts'
import type { SessionFields } from '@wsg/shared/sessions/session-view.ts'
import type { ClientFault } from '../whatsapp/whatsapp-client.ts'
import { backOffMs, type FailuresInARow, MAX_FAILURES, MAX_MEMORY_FAULTS } from './failures-in-a-row.ts'
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
  /** Its owners died again and again: nothing is started before it has rested. */
  | { kind: 'put_off'; delayMs: number }
  /** It was logged out and removed. */
  | { kind: 'deleted' }
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

type FailureReason = Extract<
  SessionReason,
  | 'qr_expired'
  | 'logged_out'
  | 'auth_failure'
  | 'passkey_required'
  | 'whatsapp_unreachable'
  | 'profile_not_owned'
  | 'foreign_world'
  | 'browser_missing'
  | 'crash_loop'
  | 'memory_limit'
>

interface FailureRule {
  /** The profile holds no login any more, or never did. */
  losesLogin: boolean
  /** A saved login is tried again by itself. */
  retried: boolean
}

const failureRules: Readonly<Record<FailureReason, FailureRule>> = {
  qr_expired: { losesLogin: true, retried: false },
  logged_out: { losesLogin: true, retried: false },
  auth_failure: { losesLogin: true, retried: false },
  passkey_required: { losesLogin: true, retried: false },
  whatsapp_unreachable: { losesLogin: false, retried: true },
  profile_not_owned: { losesLogin: false, retried: false },
  foreign_world: { losesLogin: false, retried: false },
  browser_missing: { losesLogin: false, retried: false },
  crash_loop: { losesLogin: false, retried: false },
  memory_limit: { losesLogin: false, retried: false },
}

/** What is known of the session when it ends. */
export interface EndFacts {
  savedLogin: boolean
  /** Before this end. */
  inARow: FailuresInARow
  wasReady: boolean
  /** Why nobody wants it, as the gateway wrote it. */
  stopped: string | undefined
  /** Whether somebody wants it nevertheless: it may have been asked for again while it was being stopped. */
  wanted: boolean
}

export interface EndPlan {
  publication: Omit<Publication, 'release'>
  /** The profile goes: there is no login in it, and the next start must not find the remains of one. */
  removesProfile: boolean
}

/** One that is to be deleted is deleted however it ends here. */
export function orDeleted(end: SessionEnd, deleting: boolean): SessionEnd {
  const goesOnElsewhere = end.kind === 'handed_over' || end.kind === 'fenced'
  return deleting && !goesOnElsewhere ? { kind: 'deleted' } : end
}

/** True where only this ownership ends and the session is to run on. */
export function goesOn({ kind }: SessionEnd): boolean {
  return kind !== 'stopped' && kind !== 'deleted' && kind !== 'failed' && kind !== 'fenced'
}

/** Most faults end the process and are tried again; a refused login is no fault and is not. */
export function endOfFault(fault: ClientFault): SessionEnd {
  const { kind, detail } = fault
  if (kind === 'auth_failure' || kind === 'passkey_required') return { kind: 'failed', reason: kind, detail }
  return { kind: 'fault', fault }
}

/** Where the kernel kills for memory, all that is seen is a browser or a page that is gone. */
export function orMemoryFault(end: SessionEnd, killedByKernel: () => boolean): SessionEnd {
  if (end.kind !== 'fault' || (end.fault.kind !== 'browser_gone' && end.fault.kind !== 'page_crashed'))
    return end
  if (!killedByKernel()) return end
  return { kind: 'fault', fault: { kind: 'memory_limit', detail: `killed by the kernel: ${end.fault.kind}` } }
}

/** What is published, removed and offered when an ownership ends so. */
export function planEnd(end: Exclude<SessionEnd, { kind: 'deleted' | 'fenced' }>, facts: EndFacts): EndPlan {
  switch (end.kind) {
    case 'stopped':
      if (facts.wanted) return goingOn(facts)
      return planStop(facts)
    case 'handed_over':
    case 'restarted':
      return goingOn(facts, { happened: { event: end.kind } })
    case 'put_off':
      return goingOn(facts, { delayMs: end.delayMs })
    case 'unacked':
      return planUnacked(end, facts)
    case 'recycled':
      return planRecycling(end, facts)
    case 'failed':
      return planFailure(end.reason, facts)
    case 'fault':
      return end.fault.kind === 'memory_limit'
        ? planMemoryFault(end.fault.detail, facts)
        : planFault(end.fault, facts)
  }
}

function planStop({ stopped, savedLogin }: EndFacts): EndPlan {
  const reason = stopped === 'idle' ? 'idle' : 'operator'
  return {
    publication: { status: 'stopped', reason, happened: { event: 'stopped', detail: reason } },
    removesProfile: !savedLogin,
  }
}

function planFault({ kind, detail }: ClientFault, facts: EndFacts): EndPlan {
  const failures = facts.inARow.failures + 1
  // What an unknown error says of itself may hold anything.
  const isUnknown = kind === 'unexpected' || kind === 'auth_failure' || kind === 'passkey_required'
  const happened: Happening = isUnknown ? { event: 'unexpected' } : { event: kind, detail }
  const fields = { failures: String(failures) }
  if (failures < MAX_FAILURES) return goingOn(facts, { delayMs: backOffMs(failures), fields, happened })
  return givenUp('crash_loop', fields)
}

function planMemoryFault(detail: string, facts: EndFacts): EndPlan {
  const memoryFaults = facts.inARow.memoryFaults + 1
  const fields = { memoryFaults: String(memoryFaults) }
  const happened: Happening = { event: 'memory_limit', detail }
  if (memoryFaults < MAX_MEMORY_FAULTS)
    return goingOn(facts, { delayMs: backOffMs(memoryFaults), fields, happened })
  return givenUp('memory_limit', fields)
}

function planRecycling(
  { again, detail }: Extract<SessionEnd, { kind: 'recycled' }>,
  facts: EndFacts,
): EndPlan {
  if (again) return planMemoryFault(detail, facts)
  const { publication } = goingOn(facts, {
    fields: { recycled: '1' },
    happened: { event: 'recycled', detail },
  })
  return { publication: { ...publication, reason: 'recycling' }, removesProfile: false }
}

/** It is never given up for that: each try costs two messages at most, and they come ever more seldom. */
function planUnacked(
  { restarts, detail }: Extract<SessionEnd, { kind: 'unacked' }>,
  facts: EndFacts,
): EndPlan {
  return goingOn(facts, {
    delayMs: backOffMs(restarts + 1),
    fields: { unackedRestarts: String(restarts + 1) },
    happened: { event: 'unacked', detail },
  })
}

function givenUp(reason: 'crash_loop' | 'memory_limit', fields: SessionFields): EndPlan {
  return {
    publication: {
      status: 'failed',
      reason,
      wish: 'drop',
      fields,
      happened: { event: 'failed', detail: reason },
    },
    removesProfile: false,
  }
}

function planFailure(reason: FailureReason, facts: EndFacts): EndPlan {
  const { losesLogin, retried } = failureRules[reason]
  const happened: Happening =
    reason === 'logged_out' ? { event: reason } : { event: 'failed', detail: reason }
  if (retried && facts.savedLogin) {
    // Never up to the limit of faults: an unreachable network says nothing about the session.
    const failures = Math.min(facts.inARow.failures + 1, MAX_FAILURES - 1)
    return {
      publication: {
        status: 'failed',
        reason,
        wish: Math.max(1_000, backOffMs(failures)),
        fields: { failures: String(failures) },
        happened,
      },
      removesProfile: false,
    }
  }
  const fields: SessionFields = losesLogin ? { savedLogin: '' } : {}
  return {
    publication: { status: 'failed', reason, wish: 'drop', fields, happened },
    removesProfile: losesLogin || (retried && !facts.savedLogin),
  }
}

interface GoingOn {
  delayMs?: number
  fields?: SessionFields
  happened?: Happening
}

function goingOn({ wasReady }: EndFacts, { delayMs = 0, fields = {}, happened }: GoingOn = {}): EndPlan {
  return {
    publication: {
      status: 'initializing',
      reason: wasReady && delayMs === 0 ? 'reconnecting' : 'restarting',
      fields,
      ...(delayMs === 0 ? {} : { wish: delayMs }),
      ...(happened === undefined ? {} : { happened }),
    },
    removesProfile: false,
  }
}
