import type { GatewayApp } from '../gateway-app.ts'
import type { GatewayMetrics } from './gateway-metrics.ts'

/** Counts every answered request. Addresses that do not exist count as one, or anybody could make up new ones for ever. */
export function countRequests(app: GatewayApp, metrics: GatewayMetrics): void {
  app.addHook('onResponse', async (request, reply) => {
    metrics.countRequest({
      method: request.method,
      route: (request.is404 ? undefined : request.routeOptions.url) ?? 'unknown',
      status: reply.statusCode,
      durationMs: reply.elapsedTime,
    })
  })
}
