import type { AnsweredMessage } from './chat-sender.ts'
import type { Outcome } from './compare.ts'
import { subjectOf } from './happenings.ts'
import type { Expected } from './others.ts'

/** The part of an event that is judged. */
interface ToldEvent {
  id: string
  sequence: number
  event: string
  sessionId: string
  data: Record<string, unknown>
}

/** What one reader got, in order. */
export interface ReaderLog {
  name: string
  /** The session whose events it gets; null for all. */
  session: string | null
  events: readonly ToldEvent[]
}

export interface EventFindings {
  /** What broke a promise, by promise. */
  broken: {
    /** Happened, and was told to nobody. */
    unheard: string[]
    /** Told to one reader, and not to another. */
    lost: string[]
    /** Told to two readers with one id and different content. */
    unequal: string[]
    /** One occurrence that was told under two ids. */
    renamed: string[]
    /** Told to a reader for the first time after a later one of its chat. */
    outOfOrder: string[]
  }
  /** How many different events there were, by name. */
  told: Record<string, number>
  /** How often each reader got an event again, under the same id. */
  duplicates: Record<string, number>
}

/** Compares what readers were told with what happened, and with one another. */
export function compareEvents(
  logs: readonly ReaderLog[],
  expected: readonly Expected[],
  sent: { answered: readonly AnsweredMessage[]; outcomes: ReadonlyMap<string, Outcome> },
): EventFindings {
  const broken: EventFindings['broken'] = {
    ...{ unheard: [], lost: [], unequal: [], renamed: [], outOfOrder: [] },
  }
  const all = new Map<string, ToldEvent>()
  for (const { name, events } of logs)
    for (const event of events) {
      const known = all.get(event.id)
      if (known === undefined) all.set(event.id, event)
      else if (JSON.stringify(known) !== JSON.stringify(event)) broken.unequal.push(`${name}: ${event.id}`)
    }
  for (const { name, session, events } of logs) {
    const got = new Set(events.map(({ id }) => id))
    for (const event of all.values())
      if ((session === null || session === event.sessionId) && !got.has(event.id))
        broken.lost.push(`${name}: ${labelOf(event)}`)
    for (const event of disorderOf(events)) broken.outOfOrder.push(`${name}: ${labelOf(event)}`)
  }
  const byOccurrence = Map.groupBy(all.values(), occurrenceOf)
  for (const [occurrence, events] of byOccurrence)
    if (occurrence !== null && events.length > 1) broken.renamed.push(occurrence)
  const sentOnes = sent.answered.map(({ session, id }) => {
    const state = sent.outcomes.get(id)?.state
    return state && { session, subject: `message.status ${id} ${state}`, because: 'a send' }
  })
  for (const one of [...expected, ...sentOnes])
    if (one && !byOccurrence.has(`${one.session} ${one.subject}`))
      broken.unheard.push(`${one.session} ${one.subject} (${one.because})`)
  return {
    broken,
    told: counted([...all.values()].map(({ event }) => event)),
    duplicates: Object.fromEntries(
      logs.map(({ name, events }) => [name, events.length - new Set(events.map(({ id }) => id)).size]),
    ),
  }
}

/** @returns those of a chat that came for the first time after a later one of it */
function disorderOf(events: readonly ToldEvent[]): ToldEvent[] {
  const furthest = new Map<string, number>()
  const seen = new Set<string>()
  return events.filter((event) => {
    if (seen.has(event.id) || event.data.chatId === undefined) return false
    seen.add(event.id)
    const chat = `${event.sessionId} ${event.data.chatId}`
    const before = furthest.get(chat) ?? 0
    furthest.set(chat, Math.max(before, event.sequence))
    return event.sequence < before
  })
}

function occurrenceOf({ sessionId, event, data }: ToldEvent): string | null {
  const subject = subjectOf(event, data)
  return subject === undefined ? null : `${sessionId} ${subject}`
}

function labelOf(event: ToldEvent): string {
  return `${event.sessionId} ${event.sequence} ${event.event}`
}

function counted(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1
  return counts
}
