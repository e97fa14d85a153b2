import { z } from 'zod'
import { type ErrorCode, errorCatalogue } from '../errors.ts'

/**
 * What a gateway can ask of a session's worker beside sending: one entry per job, with what it takes, what it
 * answers and how long it may take (ms). Handlers are a map over these names, so that a missing one does not compile.
 */
export const controlJobs = {
  /** Answers as soon as there is something to show: a code, a login, or the end of the session. */
  'qr.get': job(
    z.object({ waitMs: z.number().int().min(0).max(60_000) }),
    z.object({ qr: z.string().nullable() }),
    60_000,
  ),
  /** Asks the page itself, instead of trusting what was published. */
  'status.probe': job(
    z.object({}),
    z.object({ connection: z.string(), memoryMb: z.number().nullable() }),
    10_000,
  ),
  'pairing.request': job(
    z.object({ phoneNumber: z.string().regex(/^[0-9]{5,15}$/) }),
    z.object({ code: z.string(), expiresAt: z.number() }),
    45_000,
  ),
  /** A picture of the page as base64 PNG. */
  'screenshot.take': job(z.object({}), z.object({ png: z.string() }), 15_000),
  /** Closes the browser and opens it again, under a new ownership. */
  'session.restart': job(z.object({}), z.object({}), 15_000),
} as const

export type ControlJobName = keyof typeof controlJobs
export type ControlPayload<N extends ControlJobName> = z.infer<(typeof controlJobs)[N]['payload']>
export type ControlResult<N extends ControlJobName> = z.infer<(typeof controlJobs)[N]['result']>

/** What the queue carries. A worker drops it unread once `deadline` (epoch ms) has passed. */
export const controlEnvelopeSchema = z.object({
  name: z.enum(Object.keys(controlJobs) as [ControlJobName, ...ControlJobName[]]),
  payload: z.unknown(),
  correlationId: z.string(),
  /** The gateway that waits. */
  gatewayId: z.string(),
  requestId: z.string().optional(),
  deadline: z.number().int(),
})
export type ControlEnvelope = z.infer<typeof controlEnvelopeSchema>

/** What the worker leaves under `keys.reply(correlationId)`. */
export const controlReplySchema = z.union([
  z.object({ ok: z.literal(true), result: z.unknown() }),
  z.object({
    ok: z.literal(false),
    code: z.enum(Object.keys(errorCatalogue) as [ErrorCode, ...ErrorCode[]]),
    detail: z.string().optional(),
  }),
])
export type ControlReply = z.infer<typeof controlReplySchema>

function job<P extends z.ZodType, R extends z.ZodType>(payload: P, result: R, timeoutMs: number) {
  return { payload, result, timeoutMs }
}
