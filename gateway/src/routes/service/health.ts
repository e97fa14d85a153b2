import { z } from 'zod'
import type { GatewayApp } from '../../gateway-app.ts'
import type { GatewayParts } from '../../gateway-parts.ts'
import { Problem, problemResponses } from '../../http/problem.ts'
import { isRedisAway } from '../../http/redis-fault.ts'
import { countVisible } from '../../read/count-visible.ts'

const count = z.number().int().min(0)
const healthSchema = z.object({
  status: z.literal('ok'),
  sessions: z.object({ total: count, ready: count, waiting_qr: count, initializing: count, failed: count }),
  /** Seconds since this gateway started. */
  uptime: count,
  workers: z.object({ total: count, idle: count }),
  redis: z.literal('ok'),
})
export type HealthAnswer = z.infer<typeof healthSchema>

export function healthRoute(app: GatewayApp, { redis }: GatewayParts): void {
  app.route({
    method: 'GET',
    url: '/health',
    config: { access: 'viewer' },
    schema: {
      operationId: 'service.health',
      summary: 'How many sessions there are, by status; 503 while Redis is away',
      response: { 200: healthSchema, ...problemResponses },
    },
    handler: async ({ grant }) => {
      const uptime = Math.floor(process.uptime())
      try {
        const { sessions, workers } = await countVisible(redis, grant?.sessions ?? null)
        return { status: 'ok' as const, sessions, uptime, workers, redis: 'ok' as const }
      } catch (error) {
        if (!isRedisAway(error)) throw error
        throw new Problem('redis_unavailable', { members: { redis: 'unavailable', uptime } })
      }
    },
  })
}
