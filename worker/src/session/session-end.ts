import type { SessionReason } from '@wsg/shared/session-lifecycle.ts'
import type { SessionFields } from '@wsg/shared/session-view.ts'
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
  /** It was logged out and removed. */
  | { kind: 'deleted' }
  | { kind: 'failed'; reason: FailureReason; detail?: string }
  /** The browser or the page did not do what it must: the process ends with it. */
  | { kind: 'fault'; fault: ClientFault }
  /** Somebody else may own the session: nothing was written, the browser is dead. */
  | { kind: 'fenced' }

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
}

/** Faults in a row after which a session is given up. */
const MAX_FAILURES = 8

/** What is known of the session when it ends. */
export interface EndFacts {
  savedLogin: boolean
  /** Faults in a row before this one. */
  failures: number
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
  return kind === 'fault' || kind === 'handed_over' || kind === 'restarted'
}

/** Most faults end the process and are tried again; a refused login is no fault and is not. */
export function endOfFault(fault: ClientFault): SessionEnd {
  const { kind, detail } = fault
  if (kind === 'auth_failure' || kind === 'passkey_required') return { kind: 'failed', reason: kind, detail }
  return { kind: 'fault', fault }
}

/** What is published, removed and offered when an ownership ends so. */
export function planEnd(end: Exclude<SessionEnd, { kind: 'deleted' | 'fenced' }>, facts: EndFacts): EndPlan {
  switch (end.kind) {
    case 'stopped':
      if (facts.wanted) return goingOn(facts, 0, {})
      return {
        publication: { status: 'stopped', reason: facts.stopped === 'idle' ? 'idle' : 'operator' },
        removesProfile: !facts.savedLogin,
      }
    case 'handed_over':
    case 'restarted':
      return goingOn(facts, 0, {})
    case 'failed':
      return planFailure(end.reason, facts)
    case 'fault':
      return planFault(facts)
  }
}

/** How long a session rests after so many faults in a row, in ms: 0, 1 s, 2 s, 4 s … 60 s. */
export function backOffMs(failures: number): number {
  return failures <= 1 ? 0 : Math.min(60_000, 1_000 * 2 ** (failures - 2))
}

function planFault(facts: EndFacts): EndPlan {
  const failures = facts.failures + 1
  if (failures < MAX_FAILURES) return goingOn(facts, backOffMs(failures), { failures: String(failures) })
  return {
    publication: {
      status: 'failed',
      reason: 'crash_loop',
      wish: 'drop',
      fields: { failures: String(failures) },
    },
    removesProfile: false,
  }
}

function planFailure(reason: FailureReason, facts: EndFacts): EndPlan {
  const { losesLogin, retried } = failureRules[reason]
  if (retried && facts.savedLogin) {
    // Never up to the limit of faults: an unreachable network says nothing about the session.
    const failures = Math.min(facts.failures + 1, MAX_FAILURES - 1)
    return {
      publication: {
        status: 'failed',
        reason,
        wish: Math.max(1_000, backOffMs(failures)),
        fields: { failures: String(failures) },
      },
      removesProfile: false,
    }
  }
  const fields: SessionFields = losesLogin ? { savedLogin: '' } : {}
  return {
    publication: { status: 'failed', reason, wish: 'drop', fields },
    removesProfile: losesLogin || (retried && !facts.savedLogin),
  }
}

function goingOn({ wasReady }: EndFacts, delayMs: number, fields: SessionFields): EndPlan {
  return {
    publication: {
      status: 'initializing',
      reason: wasReady && delayMs === 0 ? 'reconnecting' : 'restarting',
      fields,
      ...(delayMs === 0 ? {} : { wish: delayMs }),
    },
    removesProfile: false,
  }
}
