import { apiCommand, pageFields } from '../api-command.ts'
import type { Command } from '../command.ts'

/** What the command is about is its first word, so `--session` need not be said. */
const named = { session: 'one', namesSession: true } as const

export const sessionCommands: readonly Command[] = [
  apiCommand({
    name: 'sessions list',
    summary: 'Lists the sessions',
    request: 'GET /sessions',
    fields: {
      status: { type: 'text', describe: 'Only those in this state, such as ready' },
      search: { type: 'text', describe: 'Part of a name or a phone number' },
      ...pageFields,
    },
  }),
  apiCommand({
    ...named,
    name: 'sessions show',
    summary: 'Tells how a session is, and why',
    request: 'GET /status',
  }),
  apiCommand({
    ...named,
    name: 'sessions create',
    summary: 'Makes a session, or starts one; `wsg pair` does so as well, and shows the code',
    request: 'GET /qr',
    fields: { wait: { type: 'number', describe: 'How many seconds to wait for a code (0 to 25)' } },
  }),
  apiCommand({
    ...named,
    name: 'sessions start',
    summary: 'Starts a session that was stopped or has failed',
    request: 'POST /session/start',
  }),
  apiCommand({
    ...named,
    name: 'sessions stop',
    summary: 'Stops a session and keeps its login',
    request: 'POST /session/stop',
  }),
  apiCommand({
    ...named,
    name: 'sessions restart',
    summary: 'Closes the browser of a session and opens it again',
    request: 'POST /session/restart',
  }),
  apiCommand({
    ...named,
    name: 'sessions logout',
    summary: 'Logs a session out at WhatsApp and keeps its settings, webhooks and waiting messages',
    request: 'POST /session/logout',
    isDestructive: true,
  }),
  apiCommand({
    ...named,
    name: 'sessions delete',
    summary: 'Logs a session out at WhatsApp and forgets it',
    request: 'DELETE /session',
    isDestructive: true,
  }),
  apiCommand({
    name: 'queue show',
    summary: 'Tells how many messages of a session wait',
    request: 'GET /queue',
    session: 'one',
  }),
  apiCommand({
    name: 'queue pause',
    summary: 'Holds the messages of a session back; they are accepted and wait',
    request: 'POST /queue/pause',
    session: 'one',
  }),
  apiCommand({
    name: 'queue resume',
    summary: 'Sends on what was held back',
    request: 'POST /queue/resume',
    session: 'one',
  }),
  apiCommand({
    name: 'health',
    summary: 'Tells how many sessions are in which state, and how many workers are idle',
    request: 'GET /health',
  }),
  apiCommand({
    name: 'workers',
    summary: 'Lists the workers: host, version, session and memory of each; for an operator',
    request: 'GET /workers',
    fields: pageFields,
  }),
]
