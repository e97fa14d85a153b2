import type { MessageState } from '@wsg/shared/messages/message-lifecycle.ts'
import type { MessageRecord } from '@wsg/shared/messages/message-record.ts'
import type { LedgerEntry } from '../simulator/server/ledger.ts'
import type { AnsweredMessage } from './chat-sender.ts'
import type { Kill } from './reaper.ts'

/** The part of a record that is judged. */
export type Outcome = Pick<MessageRecord, 'state' | 'sendingAt' | 'unknownAt' | 'reason'>

export interface Findings {
  /** What broke a promise, by promise; a text of each message, which here says nothing about anybody. */
  broken: {
    /** Accepted, and neither on the wire nor said to be `unknown` or `failed`; or said to be sent and not on the wire. */
    lost: string[]
    /** More than one arrival of a text, under one id or two. */
    doubled: string[]
    /** Said to be failed, expired or canceled, and on the wire. */
    denied: string[]
    /** Arrived after one of its chat that was asked for later. */
    outOfOrder: string[]
    /** `unknown`, and nothing of its session died while it was being sent. */
    unexplained: string[]
  }
  states: Partial<Record<MessageState, number>>
  /** What became of the `unknown` ones, which their records cannot say. */
  unknown: { onTheWire: number; notOnTheWire: number }
}

/** A page that is dead already may be handed a message before its death is heard of. */
const HEARD_OF_WITHIN_MS = 2_000

/**
 * Compares what callers were told with what reached the wire.
 * @param outcomes by id; absent where there is no record
 */
export function compare(
  answered: readonly AnsweredMessage[],
  outcomes: ReadonlyMap<string, Outcome>,
  ledger: readonly Pick<LedgerEntry, 'body' | 'id'>[],
  kills: readonly Kill[],
): Findings {
  const broken: Findings['broken'] = { lost: [], doubled: [], denied: [], outOfOrder: [], unexplained: [] }
  const states: Findings['states'] = {}
  const unknown = { onTheWire: 0, notOnTheWire: 0 }
  const arrivals = Map.groupBy(ledger, ({ body }) => body)
  for (const message of answered) {
    const { id, text } = message
    const arrived = arrivals.get(text) ?? []
    const outcome = outcomes.get(id)
    if (arrived.length > 1) broken.doubled.push(text)
    if (outcome === undefined) {
      broken.lost.push(text)
      continue
    }
    states[outcome.state] = (states[outcome.state] ?? 0) + 1
    const isThere = arrived.some((entry) => entry.id === id)
    if (outcome.state === 'unknown') {
      unknown[isThere ? 'onTheWire' : 'notOnTheWire'] += 1
      if (!isExplained(message.session, outcome, kills)) broken.unexplained.push(text)
    } else if (['failed', 'expired', 'canceled'].includes(outcome.state)) {
      if (isThere) broken.denied.push(text)
    } else if (!isThere) broken.lost.push(text)
  }
  for (const chat of Map.groupBy(answered, ({ to, session }) => `${session} ${to}`).values())
    broken.outOfOrder.push(...disorderOf(chat, ledger))
  return { broken, states, unknown }
}

/** @returns the texts that arrived for the first time after one that was asked for later */
function disorderOf(
  chat: readonly AnsweredMessage[],
  ledger: readonly Pick<LedgerEntry, 'body'>[],
): string[] {
  const turns = new Map(chat.map(({ text }, turn) => [text, turn]))
  const late: string[] = []
  const seen = new Set<string>()
  let furthest = -1
  for (const { body } of ledger) {
    const turn = turns.get(body)
    if (turn === undefined || seen.has(body)) continue
    seen.add(body)
    if (turn < furthest) late.push(body)
    furthest = Math.max(furthest, turn)
  }
  return late
}

/** Where Redis dies an owner may lose its lease, and then ends itself and its browser. */
function isExplained(session: string, { sendingAt, unknownAt }: Outcome, kills: readonly Kill[]): boolean {
  return kills.some(
    (kill) =>
      (kill.session === session || kill.victim === 'redis') &&
      kill.at >= (sendingAt ?? Number.POSITIVE_INFINITY) - HEARD_OF_WITHIN_MS &&
      kill.at <= (unknownAt ?? 0),
  )
}
