import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { bulkLineSchema, sendPlanFields } from '@wsg/shared/messages/send-request.ts'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import {
  type LineAnswer,
  type Refusal,
  refusalSchema,
  type UploadAnswer,
  uploadAnswerSchema,
} from '../../batches/batch-answer.ts'
import { ArraySplitter, NdjsonSplitter } from '../../batches/split-body.ts'
import type { GatewayApp } from '../../gateway-app.ts'
import type { GatewayParts } from '../../gateway-parts.ts'
import { preferredType } from '../../http/preferred-type.ts'
import { problemResponses } from '../../http/problem.ts'
import { assertReadable, bodyPieces } from '../../http/read-body.ts'
import { compileValidator } from '../../http/validation.ts'
import { readIdempotencyKey } from '../../messages/idempotency.ts'

const NDJSON = 'application/x-ndjson'
const REFUSALS_SHOWN = 100
/** Who reads the answers only after the last line was sent gets this far. */
const UNREAD_BYTES = 4 * 1_048_576
/** A caller that sends and does not read what is answered meanwhile fills every buffer on the way. */
const UNREAD_WITHIN_MS = 60_000

const headers = z.looseObject({
  'idempotency-key': z
    .string()
    .optional()
    .describe(
      'Stands for the batch as long as it is kept. Repeating an upload resumes it: a line is known by whom it goes to and what it says. Another message on a line that was accepted is refused.',
    ),
  accept: z
    .string()
    .optional()
    .describe(`\`${NDJSON}\`: one answer per line, while the body is still coming; the batch comes last.`),
})

const querystring = z.object(sendPlanFields).describe('For all lines that do not say it themselves.')

export function sendBulkRoute(app: GatewayApp, { batches }: GatewayParts): void {
  // A scope of its own: here bodies are read as they come, whatever their length.
  app.register(async (scope: GatewayApp) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser([NDJSON, 'application/json'], async (request: FastifyRequest) =>
      assertReadable(request),
    )
    scope.route({
      method: 'POST',
      url: '/send/bulk',
      config: { access: 'sender', session: true, isAudited: false },
      validatorCompiler: (part) =>
        part.httpPart === 'body' ? () => ({ value: undefined }) : compileValidator(part as never),
      schema: {
        operationId: 'message.send-bulk',
        summary:
          'Takes many messages, each judged by itself: a JSON array, or one JSON object a line, of any length',
        consumes: [NDJSON, 'application/json'],
        produces: ['application/json', NDJSON],
        querystring,
        headers,
        body: z.array(bulkLineSchema).meta({ examples: [[{ to: '5511999887766', message: 'Hello' }]] }),
        response: {
          202: uploadAnswerSchema
            .extend({ refusals: z.array(refusalSchema).describe(`The first ${REFUSALS_SHOWN} of them.`) })
            .describe('What was accepted is safe; its address tells how it goes on.'),
          ...problemResponses,
        },
      },
      handler: async ({ sessionId, headers, query, raw, id: requestId, traceparent }, reply) => {
        const key = readIdempotencyKey(headers['idempotency-key'])
        const upload = await batches.open({ sessionId, key, defaults: query, requestId, traceparent })
        const isNdjson = headers['content-type']?.startsWith(NDJSON)
        const answers = upload.receive(bodyPieces(raw), isNdjson ? new NdjsonSplitter() : new ArraySplitter())
        const location = `/batches/${upload.batchId}`
        if (preferredType(headers.accept, ['application/json', NDJSON]) === NDJSON) {
          // The first answers are waited for: what is wrong with the body as a whole is still a problem of its own.
          const first = await answers.next()
          const lines = answerLines(first, answers, () => upload.answer, reply.raw)
          reply.code(202).headers({ location, 'x-accel-buffering': 'no' }).type(NDJSON)
          const stream = Readable.from(lines, { objectMode: false, highWaterMark: UNREAD_BYTES })
          stream.once('close', () => void answers.return())
          return await reply.send(stream as never)
        }
        const refusals: Refusal[] = []
        for await (const group of answers) {
          const refused = group.filter((answer): answer is Refusal => 'code' in answer)
          refusals.push(...refused.slice(0, REFUSALS_SHOWN - refusals.length))
        }
        return await reply
          .code(202)
          .header('location', location)
          .send({ ...upload.answer, refusals })
      },
    })
  })
}

/** Answers as lines of JSON, group by group, and the sum of them at the end. The response is destroyed where nobody reads it. */
async function* answerLines(
  first: IteratorResult<LineAnswer[], void>,
  rest: AsyncIterable<LineAnswer[]>,
  sum: () => UploadAnswer,
  response: ServerResponse,
): AsyncGenerator<string, void, undefined> {
  if (first.done !== true) yield toLines(first.value)
  let unread: NodeJS.Timeout | undefined
  try {
    for await (const answers of rest) {
      unread = setTimeout(() => response.destroy(), UNREAD_WITHIN_MS)
      yield toLines(answers)
      clearTimeout(unread)
    }
  } finally {
    clearTimeout(unread)
  }
  yield toLines([sum()])
}

function toLines(answers: readonly object[]): string {
  return answers.map((answer) => `${JSON.stringify(answer)}\n`).join('')
}
