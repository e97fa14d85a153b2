import { notReadySentence } from '@wsg/shared/errors.ts'
import { viewSession } from '@wsg/shared/session-view.ts'
import type { GatewayApp } from '../gateway-app.ts'
import type { GatewayParts } from '../gateway-parts.ts'
import { Problem, problemResponses } from '../http/problem.ts'

export function screenshotRoute(app: GatewayApp, { wishes, control }: GatewayParts): void {
  app.route({
    method: 'GET',
    url: '/screenshot',
    config: { access: 'admin', session: true },
    schema: {
      summary: 'What the page of a session shows at this moment, as a PNG',
      produces: ['image/png'],
      response: problemResponses,
    },
    handler: async ({ sessionId, id: requestId }, reply) => {
      const { status, live, message } = viewSession(await wishes.touch(sessionId))
      if (status === 'not_found') throw new Problem('session_not_found', { members: { sessionId } })
      if (!live) {
        throw new Problem('session_not_ready', {
          sentence: notReadySentence(sessionId, status),
          detail: message,
          members: { sessionId, sessionStatus: status, expected: 'ready' },
        })
      }
      const answer = await control.ask({ sessionId, name: 'screenshot.take', payload: {}, requestId })
      if (answer === null) throw new Problem('worker_timeout', { members: { sessionId } })
      reply.header('cache-control', 'no-store')
      return reply.type('image/png').send(Buffer.from(answer.png, 'base64') as never)
    },
  })
}
