import { viewSession } from '@wsg/shared/sessions/session-view.ts'
import { z } from 'zod'
import type { GatewayApp } from '../../gateway-app.ts'
import type { GatewayParts } from '../../gateway-parts.ts'
import { Problem, problemResponses } from '../../http/problem.ts'
import { notReady } from '../../sessions/not-ready.ts'

export function screenshotRoute(app: GatewayApp, { desired, operations }: GatewayParts): void {
  app.route({
    method: 'GET',
    url: '/screenshot',
    config: { access: 'operator', session: true },
    schema: {
      operationId: 'session.screenshot',
      summary: 'What the page of a session shows at this moment, as a PNG',
      produces: ['image/png'],
      response: { 200: z.string().describe('The picture.'), ...problemResponses },
    },
    handler: async ({ sessionId, grant, id: requestId, traceparent }, reply) => {
      const { status, reason, live } = viewSession(await desired.touch(sessionId, grant))
      if (status === 'not_found') throw new Problem('session_not_found', { members: { sessionId } })
      if (!live) throw notReady(sessionId, status, reason)
      const asked = { sessionId, requestId, traceparent }
      const answer = await operations.ask({ ...asked, name: 'screenshot.take', input: {} })
      if (answer === null) throw new Problem('worker_timeout', { members: { sessionId } })
      reply.header('cache-control', 'no-store')
      return reply.type('image/png').send(Buffer.from(answer.png, 'base64') as never)
    },
  })
}
