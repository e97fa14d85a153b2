import { z } from 'zod'
import { assertForAll } from '../../access/grant.ts'
import type { GatewayApp } from '../../gateway-app.ts'
import type { GatewayParts } from '../../gateway-parts.ts'
import { problemResponses } from '../../http/problem.ts'

export function metricsRoute(app: GatewayApp, { metrics, metricsAccess }: GatewayParts): void {
  if (metricsAccess === 'off') return
  app.route({
    method: 'GET',
    url: '/metrics',
    config: { access: metricsAccess === 'on' ? 'public' : 'viewer' },
    schema: {
      operationId: 'service.metrics',
      summary: 'Figures of this gateway and of the whole fleet for Prometheus',
      produces: ['text/plain'],
      response: { 200: z.string().describe("Prometheus' text format."), ...problemResponses },
    },
    handler: async ({ grant }, reply) => {
      // The figures count the sessions of others too.
      assertForAll(grant)
      // Without a token nobody is told which workers there are.
      const figures = await metrics.text({ withPrivate: grant !== null })
      return reply.type(metrics.contentType).send(figures as never)
    },
  })
}
