import { pacingSchema, readPacing } from '@wsg/shared/messages/pacing.ts'
import { fromEngineFields, missingPartSchema } from '@wsg/shared/sessions/engine.ts'
import { fromRestrictionFields, restrictionSchema } from '@wsg/shared/sessions/restriction.ts'
import { sessionReasons, sessionStatuses } from '@wsg/shared/sessions/session-lifecycle.ts'
import { nextAttemptAt, type SessionSnapshot, viewSession } from '@wsg/shared/sessions/session-view.ts'
import { z } from 'zod'

/** What every answer about a session says of it. */
export const sessionAnswerSchema = z.object({
  sessionId: z.string(),
  status: z.enum(sessionStatuses),
  reason: z.enum(sessionReasons as [(typeof sessionReasons)[number], ...typeof sessionReasons]),
  message: z.string(),
})
export type SessionAnswer = z.infer<typeof sessionAnswerSchema>

export const sessionDetailsSchema = sessionAnswerSchema.extend({
  connectedAt: z.iso.datetime().optional(),
  messageCount: z.number().int().optional(),
  phone: z.string().optional(),
  pushName: z.string().optional(),
  /** The account's own hidden identity. */
  lid: z.string().optional(),
  /** When WhatsApp last acked a message of it. */
  lastAckAt: z.iso.datetime().optional(),
  /** The library and the page that it worked with last. */
  engine: z
    .object({
      library: z.string(),
      page: z.string().describe("WhatsApp Web's own version."),
      missing: z.array(missingPartSchema).describe('What this version uses and that page lacks.'),
    })
    .optional(),
  /** What WhatsApp keeps the account from. */
  restriction: restrictionSchema.optional(),
  worker: z.string().optional(),
  memoryMb: z.number().optional(),
  memoryLimitMb: z.number().optional(),
  /** Sends stay without an ack, though WhatsApp says that it is connected. */
  degraded: z.object({ since: z.iso.datetime(), reason: z.literal('unacked') }).optional(),
  /** The proxy that it goes through, without its password. */
  proxy: z.string().optional(),
  /** How fast it sends, as its worker goes by it. */
  pacing: pacingSchema.optional(),
  /** It rests after faults: when it is tried again. */
  nextAttemptAt: z.iso.datetime().optional(),
  updatedAt: z.iso.datetime().optional(),
})
export type SessionDetails = z.infer<typeof sessionDetailsSchema>

export function toSessionAnswer(sessionId: string, snapshot: SessionSnapshot): SessionAnswer {
  const { status, reason, message } = viewSession(snapshot)
  return { sessionId, status, reason, message }
}

/** Worker, memory and how it sends are shown only while their owner lives; an unknown session has none of the details. */
export function toSessionDetails(sessionId: string, snapshot: SessionSnapshot): SessionDetails {
  const { status, reason, message, live } = viewSession(snapshot)
  const answer = { sessionId, status, reason, message }
  if (status === 'not_found') return answer
  const { connectedAt, messageCount, phone, pushName, lid, lastAckAt, worker, updatedAt } = snapshot.fields
  const { proxy } = snapshot.fields
  const { memoryMb, memoryLimitMb, degraded, degradedSince, pacingInForce } = snapshot.fields
  const pacing = readPacing(pacingInForce)
  const engine = fromEngineFields(snapshot.fields)
  const restriction = fromRestrictionFields(snapshot.fields)
  const nextAttempt = nextAttemptAt(snapshot)
  return {
    ...answer,
    ...(connectedAt !== undefined && { connectedAt }),
    messageCount: Number(messageCount ?? 0),
    ...(phone !== undefined && { phone }),
    ...(pushName !== undefined && { pushName }),
    ...(lid !== undefined && { lid }),
    ...(lastAckAt !== undefined && { lastAckAt: new Date(Number(lastAckAt)).toISOString() }),
    ...(engine !== null && { engine }),
    ...(restriction !== null && { restriction }),
    ...(live && worker !== undefined && { worker }),
    ...(live && memoryMb !== undefined && { memoryMb: Number(memoryMb) }),
    ...(live && memoryLimitMb !== undefined && { memoryLimitMb: Number(memoryLimitMb) }),
    ...(live &&
      degraded !== undefined && {
        degraded: {
          since: new Date(Number(degradedSince ?? snapshot.nowMs)).toISOString(),
          reason: 'unacked' as const,
        },
      }),
    ...(proxy !== undefined && { proxy }),
    ...(live && pacing !== null && { pacing }),
    ...(nextAttempt !== null && { nextAttemptAt: new Date(nextAttempt).toISOString() }),
    ...(updatedAt !== undefined && { updatedAt: new Date(Number(updatedAt)).toISOString() }),
  }
}
