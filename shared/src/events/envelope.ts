import { z } from 'zod'
import { type EventName, eventNames, TEST_EVENT } from './events.ts'
import { personSchema } from './person.ts'

/** One event as the log keeps it. */
export interface LoggedEvent<Name = EventName> {
  /** Belongs to the occurrence and never changes: `evt_` and 24 hex digits. */
  id: string
  sessionId: string
  /** Grows by one with each event of the session. */
  sequence: number
  event: Name
  /** Its place among the events of all sessions: `<epoch ms>-<number>`. */
  position: string
  /** Ids of the chat that it concerns, the one that WhatsApp uses first; none where it concerns no chat. */
  chats: readonly string[]
  /** JSON text. */
  account: string
  /** JSON text. */
  data: string
  catchUp: boolean
  /** Of the request whose message it is about, where that is traced. */
  traceparent?: string
}

/** What every reader of an event gets, for the documentation. */
export const envelopeSchema = z.object({
  id: z.string().describe('Of the occurrence: the same however often and to whomever it is delivered.'),
  sequence: z.number().int().describe('Grows with each event of the session.'),
  timestamp: z.iso.datetime().describe('When it was heard.'),
  event: z.enum([...eventNames, TEST_EVENT]),
  sessionId: z.string(),
  account: personSchema.describe('The account that was logged in.'),
  data: z.looseObject({}),
  catchUp: z.literal(true).optional().describe('It happened while nobody listened, and was found out later.'),
})

/** Under which address callers reach this service, without a slash at its end; null where it was not told. */
export type PublicUrl = string | null

/** What in an event's data is a path of this service. A text cannot look like that: its quotation marks are escaped. */
const PATHS = /"(?:media":\{"url|bodyUrl)":"(?=\/)/g

/**
 * The bytes that a reader gets, the same at every delivery.
 * @param name under which this reader gets it
 * @param publicUrl is put before the paths of this service
 */
export function envelopeText<Name>(logged: LoggedEvent<Name>, name: Name, publicUrl: PublicUrl): string {
  const { id, sequence, position, sessionId, account, catchUp } = logged
  const data = publicUrl === null ? logged.data : logged.data.replace(PATHS, (found) => found + publicUrl)
  const timestamp = new Date(loggedAt(position)).toISOString()
  const head = JSON.stringify({ id, sequence, timestamp, event: name, sessionId }).slice(0, -1)
  return `${head},"account":${account},"data":${data}${catchUp ? ',"catchUp":true' : ''}}`
}

/** When an event was written to the log, epoch ms. */
export function loggedAt(position: string): number {
  return Number(position.slice(0, position.indexOf('-')))
}
