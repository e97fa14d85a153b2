import { z } from 'zod'
import { type ErrorCode, errorCatalogue } from '../errors.ts'
import { operationNames } from './operations.ts'

/** One operation that a gateway asks for. Its input was checked by the gateway. */
export const jobSchema = z.object({
  id: z.string(),
  name: z.enum(operationNames),
  input: z.unknown(),
  /** The gateway that waits. */
  gatewayId: z.string(),
  requestId: z.string().optional(),
  /** W3C `traceparent` of the request, where that is traced. */
  traceparent: z.string().optional(),
})
export type Job = z.infer<typeof jobSchema>

export const replySchema = z.union([
  z.object({ ok: z.literal(true), output: z.unknown() }),
  z.object({
    ok: z.literal(false),
    code: z.enum(Object.keys(errorCatalogue) as [ErrorCode, ...ErrorCode[]]),
    detail: z.string().optional(),
  }),
])
export type Reply = z.infer<typeof replySchema>
