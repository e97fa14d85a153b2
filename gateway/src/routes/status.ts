import { viewSession } from '@wsg/shared/sessions/session-view.ts'
import { z } from 'zod'
import type { GatewayApp } from '../gateway-app.ts'
import type { GatewayParts } from '../gateway-parts.ts'
import { problemResponses } from '../http/problem.ts'
import { historyAnswerSchema, toHistoryAnswer } from '../sessions/history-answer.ts'
import { probeSession } from '../sessions/probe-session.ts'
import { sessionDetailsSchema, toSessionDetails } from '../sessions/session-answer.ts'
import { toWaitingAnswer, waitingAnswerSchema } from '../sessions/waiting-answer.ts'

const statusSchema = sessionDetailsSchema.extend({
  queue: waitingAnswerSchema.optional(),
  history: z.array(historyAnswerSchema).optional(),
  /** WhatsApp Web's own word for its connection, where the page itself was asked. */
  connection: z.string().optional(),
  /** The state is more than 15 s old, and the page did not confirm it when it was asked. Absent otherwise. */
  stale: z.literal(true).optional(),
})

export function statusRoute(app: GatewayApp, { directory, desired, operations }: GatewayParts): void {
  app.route({
    method: 'GET',
    url: '/status',
    config: { access: 'viewer', session: true },
    schema: {
      summary: 'The state of one session; loads one with a saved login',
      querystring: z.object({ live: z.enum(['true', 'false']).optional() }),
      response: { 200: statusSchema, ...problemResponses },
    },
    handler: async ({ sessionId, grant, query, id: requestId }) => {
      const published = await desired.touch(sessionId, grant)
      const asked = query.live === 'true'
      const probe = await probeSession({ operations, sessionId, snapshot: published, asked, requestId })
      const snapshot = probe === null ? published : await directory.snapshot(sessionId)
      const details = toSessionDetails(sessionId, snapshot)
      if (viewSession(snapshot).status === 'not_found') return details
      const [waiting, happened] = await Promise.all([
        directory.queue(sessionId, snapshot.nowMs),
        directory.history(sessionId),
      ])
      const queue = toWaitingAnswer(waiting, snapshot)
      const known = { ...details, queue, history: happened.map(toHistoryAnswer) }
      if (probe === null) return known
      if (probe === 'stale') return { ...known, stale: true as const }
      const { connection, memoryMb } = probe
      return { ...known, ...(memoryMb !== null && { memoryMb }), connection }
    },
  })
}
