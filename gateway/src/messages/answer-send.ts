import type { StoredRequest } from '@wsg/shared/messages/send-request.ts'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { problemResponses } from '../http/problem.ts'
import { claimMessage, readIdempotencyKey } from './idempotency.ts'
import { sendAnswerSchema, toSendAnswer } from './message-answer.ts'
import type { MessageSender } from './message-sender.ts'

/** What a request that sends one message may say beside its body, and what it is answered. */
export const sendSchema = {
  querystring: z.object({
    wait: z
      .enum(['none', 'server', 'delivered'])
      .optional()
      .describe("What to wait for; the server's ack where absent."),
  }),
  headers: z.looseObject({
    'idempotency-key': z
      .string()
      .optional()
      .describe('The same key with the same body is the same message, for 24 hours.'),
    prefer: z.string().optional().describe('`respond-async` is short for `?wait=none`.'),
  }),
  response: {
    200: sendAnswerSchema.describe('WhatsApp has it.'),
    202: sendAnswerSchema.describe('It is accepted and safe; its address tells what becomes of it.'),
    ...problemResponses,
  },
}

interface SendRequestParts extends Pick<FastifyRequest, 'sessionId' | 'id' | 'messageId' | 'traceparent'> {
  query: z.output<typeof sendSchema.querystring>
  headers: z.output<typeof sendSchema.headers>
}

/**
 * Accepts a message under its Idempotency-Key, waits as its caller wants, and answers what became of it.
 * @throws Problem where it was not accepted, not sent, or nobody knows
 */
export async function answerSend(
  sender: MessageSender,
  request: SendRequestParts,
  reply: FastifyReply,
  body: StoredRequest,
): Promise<{ status: 200 | 202; body: z.output<typeof sendAnswerSchema> }> {
  const { sessionId, headers, query, id: requestId, traceparent } = request
  const key = readIdempotencyKey(headers['idempotency-key'])
  const idempotency = key === null ? null : claimMessage(key, body)
  const preferAsync = /(^|[\s,;])respond-async($|[\s,;])/i.test(headers.prefer ?? '')
  const until = query.wait ?? (preferAsync ? 'none' : 'server')
  if (preferAsync && until === 'none') reply.header('preference-applied', 'respond-async')
  const { record, replayed } = await sender.send({
    ...{ sessionId, body, idempotency, until },
    ...{ requestId, traceparent },
  })
  request.messageId = record.id
  reply.header('location', `/messages/${record.id}`)
  if (replayed) reply.header('idempotent-replayed', 'true')
  return toSendAnswer(record)
}
