import { accept } from './chapters/accept.ts'
import { backlog } from './chapters/backlog.ts'
import { counts } from './chapters/counts.ts'
import { directory } from './chapters/directory.ts'
import { events } from './chapters/events.ts'
import { media } from './chapters/media.ts'
import { memory } from './chapters/memory.ts'
import { read } from './chapters/read.ts'
import { send } from './chapters/send.ts'
import { sessions } from './chapters/sessions.ts'
import { start } from './chapters/start.ts'
import { sustained } from './chapters/sustained.ts'
import { takeover } from './chapters/takeover.ts'
import type { BenchSetting, ChapterResult } from './finding.ts'

export interface Chapter {
  what: string
  /** About how long it takes on two cores, in s. */
  seconds: number
  run(setting: BenchSetting): Promise<ChapterResult>
}

/** In the order in which they run. */
export const chapters: Readonly<Record<string, Chapter>> = {
  send: { what: 'latency of acked sends, one after another', seconds: 45, run: send },
  sustained: { what: 'acked sends a second of one session', seconds: 75, run: sustained },
  sessions: { what: 'acked sends a second of 1, 2, 4 and 8 sessions', seconds: 150, run: sessions },
  accept: { what: 'accepted sends a second', seconds: 80, run: accept },
  media: { what: 'files to their ack, and memory over 100 MB', seconds: 60, run: media },
  read: { what: 'what is read of a large account, and sends meanwhile', seconds: 240, run: read },
  memory: { what: 'memory of a session, and after 5,000 sends', seconds: 180, run: memory },
  start: { what: 'time to a QR code, and back to ready', seconds: 40, run: start },
  takeover: { what: 'time until a killed session is back', seconds: 80, run: takeover },
  directory: { what: '/status and /health with 10 to 10,000 sessions', seconds: 60, run: directory },
  backlog: { what: 'the cost of 100,000 waiting messages', seconds: 240, run: backlog },
  events: { what: 'from a message to the receiver of a webhook', seconds: 130, run: events },
  counts: { what: 'round trips, page calls and connections', seconds: 30, run: counts },
}
