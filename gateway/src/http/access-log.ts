import type { GatewayApp } from '../gateway-app.ts'

/** One line per request: identifiers and the route's pattern only, since addresses and bodies hold personal data. */
export function logAccess(app: GatewayApp): void {
  app.addHook('onResponse', async (request, reply) => {
    const { access } = request.routeOptions.config
    const line = {
      method: request.method,
      route: request.is404 ? null : request.routeOptions.url,
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime),
      ...(request.sessionId !== '' && { sessionId: request.sessionId }),
      ...(request.grant !== null && { caller: request.grant.name }),
    }
    if (access === 'public') request.log.debug(line, 'request')
    else request.log.info(line, 'request')
  })
}
