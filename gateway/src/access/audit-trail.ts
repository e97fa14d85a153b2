import { writeAudit } from '@wsg/shared/redis/access/audit.ts'
import type { RedisClient } from '@wsg/shared/redis/connection/redis-client.ts'
import type { GatewayApp } from '../gateway-app.ts'

const READS = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Writes down who changed what, before the answer says that it is done. What is sent has records of its own
 * (`GET /messages`), and what merely shows for a moment leaves nothing behind: routes say `isAudited: false`.
 */
export function keepAudit(app: GatewayApp, redis: RedisClient): void {
  app.addHook('onSend', async (request, reply) => {
    const { method, grant, sessionId, id: requestId, routeOptions, params, log } = request
    const { isAudited = true } = routeOptions.config
    const { statusCode } = reply
    if (grant === null || !isAudited || READS.has(method) || statusCode >= 400) return
    try {
      await writeAudit(redis, {
        by: grant.name,
        request: `${method} ${routeOptions.url}`,
        named: JSON.stringify(params ?? {}),
        status: String(statusCode),
        requestId,
        sessionId,
      })
    } catch (err) {
      log.error(
        { err, caller: grant.name, method, route: routeOptions.url },
        'a change is not in the audit trail',
      )
    }
  })
}
