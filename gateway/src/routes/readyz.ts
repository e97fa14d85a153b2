import { ping } from '@wsg/shared/redis/connection/server.ts'
import { z } from 'zod'
import type { GatewayApp } from '../gateway-app.ts'
import type { GatewayParts } from '../gateway-parts.ts'
import { problemResponses } from '../http/problem.ts'

export function readyzRoute(app: GatewayApp, { redis }: GatewayParts): void {
  app.route({
    method: 'GET',
    url: '/readyz',
    config: { access: 'public' },
    schema: {
      summary: 'Can requests be served: 503 while Redis is away',
      response: { 200: z.object({ status: z.literal('ok') }), ...problemResponses },
    },
    handler: async () => {
      await ping(redis)
      return { status: 'ok' as const }
    },
  })
}
