import { readSnapshot } from '@wsg/shared/redis/session/snapshot.ts'
import { viewSession } from '@wsg/shared/sessions/session-view.ts'
import { z } from 'zod'
import type { GatewayApp } from '../../gateway-app.ts'
import type { GatewayParts } from '../../gateway-parts.ts'
import { preferredType } from '../../http/preferred-type.ts'
import { problemResponses } from '../../http/problem.ts'
import { isQrDecided, qrAnswerSchema, scannableCode, toQrAnswer } from '../../sessions/qr-answer.ts'
import { toPng, toTerminalText } from '../../sessions/qr-picture.ts'

const LOOK_EVERY_MS = 100

const querystring = z.object({
  wait: z.coerce
    .number('must be a number of seconds')
    .min(0, 'must be at least 0')
    .max(25, 'must be at most 25')
    .default(25)
    .describe('How many seconds to wait for a code.'),
})

export function qrRoute(app: GatewayApp, { desired, redis, waiters }: GatewayParts): void {
  app.route({
    method: 'GET',
    url: '/qr',
    config: { access: 'operator', session: true },
    schema: {
      operationId: 'session.qr',
      summary: 'A QR code to pair a phone; creates the session where there is none',
      produces: ['application/json', 'image/png', 'text/plain'],
      querystring,
      response: { 200: qrAnswerSchema, ...problemResponses },
    },
    handler: async ({ sessionId, query, headers }, reply) => {
      await desired.want(sessionId, 'create')
      const decided = async () => {
        const published = await readSnapshot(redis, sessionId)
        return isQrDecided(published) ? published : null
      }
      const found = await waiters.wait(sessionId, decided, query.wait * 1_000, LOOK_EVERY_MS)
      const snapshot = found ?? (await readSnapshot(redis, sessionId))
      reply.header('cache-control', 'no-store')
      const code = scannableCode(snapshot)?.code
      const type = preferredType(headers.accept, ['application/json', 'image/png', 'text/plain'])
      if (type === 'image/png' && code !== undefined)
        return reply.type(type).send((await toPng(code)) as never)
      if (type === 'text/plain') {
        const { status, message } = viewSession(snapshot)
        const text = code === undefined ? `${status}: ${message}\n` : toTerminalText(code)
        return reply.type('text/plain; charset=utf-8').send(text as never)
      }
      return await toQrAnswer(sessionId, snapshot)
    },
  })
}
