import { type QueueFigures, readQueueFigures } from '@wsg/shared/redis/message/queue-figures.ts'
import { readHistory } from '@wsg/shared/redis/session/history.ts'
import { readSnapshot } from '@wsg/shared/redis/session/snapshot.ts'
import {
  type HistoryEntry,
  historyEntrySchema,
  sentenceForEvent,
} from '@wsg/shared/sessions/session-history.ts'
import { type SessionSnapshot, viewSession } from '@wsg/shared/sessions/session-view.ts'
import { z } from 'zod'
import type { GatewayApp } from '../../gateway-app.ts'
import type { GatewayParts } from '../../gateway-parts.ts'
import { problemResponses } from '../../http/problem.ts'
import { probeSession } from '../../sessions/probe-session.ts'
import { sessionDetailsSchema, toSessionDetails } from '../../sessions/session-answer.ts'

export const statusSchema = sessionDetailsSchema.extend({
  queue: z
    .object({
      waiting: z.number().int(),
      oldestMs: z.number().int().nullable(),
      /** True after `POST /queue/pause`. */
      paused: z.boolean(),
      /** When messages go out again, and why not before. */
      heldUntil: z.iso.datetime().optional(),
      heldBecause: z.literal('daily_cap').optional(),
    })
    .optional(),
  /** The newest first. */
  history: z
    .array(
      z.object({
        at: z.iso.datetime(),
        event: historyEntrySchema.shape.event,
        message: z.string(),
        detail: z.string().optional(),
      }),
    )
    .optional(),
  /** WhatsApp Web's own word for its connection, where the page itself was asked. */
  connection: z.string().optional(),
  /** The state is more than 15 s old, and the page did not confirm it when it was asked. Absent otherwise. */
  stale: z.literal(true).optional(),
})
export type StatusAnswer = z.infer<typeof statusSchema>

export function statusRoute(app: GatewayApp, { redis, desired, operations }: GatewayParts): void {
  app.route({
    method: 'GET',
    url: '/status',
    config: { access: 'viewer', session: true },
    schema: {
      operationId: 'session.get',
      summary: 'The state of one session; loads one with a saved login',
      querystring: z.object({ live: z.enum(['true', 'false']).optional() }),
      response: { 200: statusSchema, ...problemResponses },
    },
    handler: async ({ sessionId, grant, query, id: requestId, traceparent }) => {
      const published = await desired.touch(sessionId, grant)
      const asked = query.live === 'true'
      const request = { sessionId, requestId, traceparent }
      const probe = await probeSession({ ...request, operations, snapshot: published, asked })
      const snapshot = probe === null ? published : await readSnapshot(redis, sessionId)
      const details = toSessionDetails(sessionId, snapshot)
      if (viewSession(snapshot).status === 'not_found') return details
      const [waiting, happened] = await Promise.all([
        readQueueFigures(redis, sessionId, snapshot.nowMs),
        readHistory(redis, sessionId),
      ])
      const known = { ...details, queue: toQueue(waiting, snapshot), history: happened.map(toHistory) }
      if (probe === null) return known
      if (probe === 'stale') return { ...known, stale: true as const }
      const { connection, memoryMb } = probe
      return { ...known, ...(memoryMb !== null && { memoryMb }), connection }
    },
  })
}

function toQueue(figures: QueueFigures, { fields, nowMs }: SessionSnapshot) {
  const heldUntil = Number(fields.heldUntil ?? 0)
  return {
    ...figures,
    paused: fields.paused === '1',
    ...(heldUntil > nowMs && {
      heldUntil: new Date(heldUntil).toISOString(),
      heldBecause: 'daily_cap' as const,
    }),
  }
}

function toHistory({ at, event, detail }: HistoryEntry) {
  return {
    at: new Date(at).toISOString(),
    event,
    message: sentenceForEvent(event),
    ...(detail !== undefined && { detail }),
  }
}
