import { buildApp } from '../gateway/src/app.ts'
import type { GatewayParts } from '../gateway/src/gateway-parts.ts'
import { createLogger } from '../shared/src/logger.ts'

/** What `GET /openapi.json` answers, without a Redis: routes use most of their parts only when a request comes. */
export async function openapiDocument(): Promise<object> {
  const parts: Partial<GatewayParts> = {
    log: createLogger('gateway', 'silent'),
    maxConnections: 1,
    metricsAccess: 'token',
    simulatorUrl: null,
  }
  const app = await buildApp(parts as GatewayParts)
  await app.ready()
  return app.swagger()
}
