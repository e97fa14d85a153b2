import { z } from 'zod'

/** How many entries of a session's history are kept. */
export const HISTORY_LENGTH = 20

/** What is written to a session's history, each with its sentence. */
const eventCatalogue = {
  started: 'A worker took the session and starts its browser.',
  ready: 'The session could send.',
  recycled: 'Its browser had grown too large and was replaced between two sends.',
  restarted: 'Somebody asked for a new browser, or for the session again while it was being stopped.',
  handed_over: 'Its worker was told to end and passed the session on.',
  worker_died: 'Its worker ended without letting go of it: it was killed, or could not reach Redis any more.',
  memory_limit: 'It went over its memory limit: the browser or the worker was killed, or replaced once more.',
  degraded: 'Sends stayed without an ack while WhatsApp said that it was connected.',
  recovered: 'Sends that had stayed without an ack, or later ones, were acked.',
  unacked: 'Its browser was replaced because sends stayed without an ack.',
  browser_gone: 'The browser ended by itself.',
  page_crashed: 'The page crashed.',
  page_unresponsive: 'The page did not answer any more.',
  load_timeout: 'WhatsApp Web was not loaded in time.',
  ready_timeout: 'WhatsApp Web was logged in and not ready in time.',
  whatsapp_unreachable: 'WhatsApp Web could not be reached, or did not become usable.',
  page_unsupported:
    'WhatsApp Web lacked what a login needs, or did not start in this browser; the detail says which.',
  account_blocked: 'WhatsApp said that it has blocked the account.',
  proxy_blocked: 'WhatsApp refused the network or proxy that the session came from.',
  proxy_unreachable:
    'The proxy of the session did not answer, or did not reach WhatsApp; the detail is what it said.',
  proxy_refused: 'The proxy of the session refused its user name or password.',
  restricted: 'WhatsApp restricted what the account may send; the detail is the kind.',
  restriction_ended: 'A restriction of the account was found to be over; the detail is its kind.',
  conflict: 'The same login was open somewhere else.',
  unexpected: 'The worker met an error that it did not know.',
  logged_out: 'The phone logged the session out.',
  failed: 'The session was given up; the detail is the reason.',
  stopped: 'It was stopped: on request, because it was idle, or to log out; the detail is the reason.',
} as const

export type HistoryEvent = keyof typeof eventCatalogue
export const historyEvents = Object.keys(eventCatalogue) as HistoryEvent[]

export function sentenceForEvent(event: HistoryEvent): string {
  return eventCatalogue[event]
}

/** What happened. `detail` holds no personal data: it is shown and kept. */
export interface Happening {
  event: HistoryEvent
  detail?: string
}

/** One entry as Redis keeps it; `at` is epoch ms by Redis' clock. */
export const historyEntrySchema = z.object({
  at: z.number(),
  event: z.enum(historyEvents as [HistoryEvent, ...HistoryEvent[]]),
  detail: z.string().optional(),
})
export type HistoryEntry = z.infer<typeof historyEntrySchema>
