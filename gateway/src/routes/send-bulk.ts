import { Readable } from 'node:stream'
import { bulkLineSchema, sendPlanFields } from '@wsg/shared/messages/send-request.ts'
import { validatorCompiler } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { type Refusal, refusalSchema, uploadAnswerSchema } from '../batches/batch-answer.ts'
import { receiveBatch } from '../batches/receive-batch.ts'
import { ArraySplitter } from '../batches/split-array.ts'
import { NdjsonSplitter } from '../batches/split-lines.ts'
import { answerLines } from '../batches/stream-answers.ts'
import type { GatewayApp } from '../gateway-app.ts'
import type { GatewayParts } from '../gateway-parts.ts'
import { preferredType } from '../http/preferred-type.ts'
import { Problem, problemResponses } from '../http/problem.ts'
import { readIdempotencyKey } from '../messages/idempotency.ts'

const NDJSON = 'application/x-ndjson'
const REFUSALS_SHOWN = 100
/** Who reads the answers only after the last line was sent gets this far. */
const UNREAD_BYTES = 4 * 1_048_576

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
    scope.addContentTypeParser([NDJSON, 'application/json'], (_request, _body, done) => done(null))
    scope.route({
      method: 'POST',
      url: '/send/bulk',
      config: { access: 'sender', session: true },
      validatorCompiler: (route) =>
        route.httpPart === 'body' ? () => ({ value: undefined }) : validatorCompiler(route as never),
      schema: {
        summary:
          'Takes many messages, each judged by itself: a JSON array, or one JSON object a line, of any length',
        consumes: [NDJSON, 'application/json'],
        produces: ['application/json', NDJSON],
        querystring,
        headers,
        body: z.array(bulkLineSchema),
        response: {
          202: uploadAnswerSchema
            .extend({ refusals: z.array(refusalSchema).describe(`The first ${REFUSALS_SHOWN} of them.`) })
            .describe('What was accepted is safe; its address tells how it goes on.'),
          ...problemResponses,
        },
      },
      handler: async ({ sessionId, headers, query, raw, id: requestId }, reply) => {
        const key = readIdempotencyKey(headers['idempotency-key'])
        const upload = await batches.open({ sessionId, key, defaults: query, requestId })
        const splitter = headers['content-type']?.startsWith(NDJSON)
          ? new NdjsonSplitter()
          : new ArraySplitter()
        // Not destroyed when it is left: an answer could not be given any more.
        const body: AsyncIterable<Buffer> = raw.iterator({ destroyOnReturn: false })
        const answers = receiveBatch(body, splitter, upload)
        try {
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
        } catch (error) {
          // Whoever sends on has to be listened to before he hears the answer.
          raw.resume()
          if (raw.errored !== null)
            throw new Problem('invalid_request', { sentence: 'The body was cut off.' })
          throw error
        }
      },
    })
  })
}
