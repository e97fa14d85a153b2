import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { isSessionReason, sentenceFor } from '@wsg/shared/sessions/session-lifecycle.ts'
import type { Part } from './running-parts.ts'

const LOOK_EVERY_MS = 500
const MOST_AT_ONCE = 256 * 1_024
const ERROR = 50

/** Tells a person at the terminal what the log, which goes to a file there, says of sessions and faults from now on. */
export function followLog(file: string, say: (line: string) => void): Part {
  const log = openSync(file, 'r')
  let at = fstatSync(log).size
  let rest = Buffer.alloc(0)
  const look = () => {
    const { size } = fstatSync(log)
    // It was emptied in place, as logrotate's copytruncate does.
    if (size < at) {
      at = 0
      rest = Buffer.alloc(0)
    }
    const fresh = Buffer.alloc(Math.min(size - at, MOST_AT_ONCE))
    if (fresh.length === 0) return
    at += readSync(log, fresh, 0, fresh.length, at)
    const read = Buffer.concat([rest, fresh])
    const end = read.lastIndexOf('\n') + 1
    rest = read.subarray(end)
    for (const line of read.toString('utf8', 0, end).split('\n')) {
      const told = toLine(line)
      if (told !== null) say(told)
    }
  }
  const timer = setInterval(look, LOOK_EVERY_MS).unref()
  return {
    name: 'what is told at the terminal',
    stop: async () => {
      clearInterval(timer)
      closeSync(log)
    },
  }
}

/** `12:00:00  shop: ready. …` @returns null where a person need not be told */
export function toLine(json: string): string | null {
  const { time, level, msg, sessionId, to, reason } = parse(json) as Partial<Record<string, string>>
  const clock = new Date(Number(time ?? 0)).toTimeString().slice(0, 8)
  const about = sessionId === undefined ? '' : `${sessionId}: `
  if (msg === 'session' && isSessionReason(reason)) return `${clock}  ${about}${to}. ${sentenceFor(reason)}`
  return Number(level) >= ERROR ? `${clock}  ${about}${msg} (see the log)` : null
}

function parse(json: string): Record<string, unknown> {
  try {
    return JSON.parse(json) as Record<string, unknown>
  } catch {
    return {}
  }
}
