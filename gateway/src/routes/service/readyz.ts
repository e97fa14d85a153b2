import { ping } from '@wsg/shared/redis/connection/server.ts'
import { z } from 'zod'
import type { GatewayApp } from '../../gateway-app.ts'
import type { GatewayParts } from '../../gateway-parts.ts'
import { problemResponses } from '../../http/problem.ts'

const readySchema = z.object({
  status: z.literal('ok'),
  /** The `maxmemory-policy` of Redis, where it is allowed to evict messages. */
  evictionPolicy: z.string().optional(),
})

export function readyzRoute(app: GatewayApp, { redis, memory }: GatewayParts): void {
  app.route({
    method: 'GET',
    url: '/readyz',
    config: { access: 'public' },
    schema: {
      operationId: 'service.readyz',
      summary: 'Can requests be served: 503 while Redis is away, or may evict messages',
      response: { 200: readySchema, ...problemResponses },
    },
    handler: async () => {
      await ping(redis)
      const { evictionPolicy } = await memory.look()
      const refusal = await memory.refusal()
      if (evictionPolicy !== null && refusal !== null) throw refusal
      return { status: 'ok' as const, ...(evictionPolicy !== null && { evictionPolicy }) }
    },
  })
}
