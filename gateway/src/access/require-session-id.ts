import { isSessionId } from '@wsg/shared/sessions/session-id.ts'
import type { GatewayApp } from '../gateway-app.ts'
import { Problem } from '../http/problem.ts'
import { mayTouch } from './token-grant.ts'

/** Reads `X-Session-Id` where a route concerns one session; after the token was found good, before any look-up. */
export function requireSessionId(app: GatewayApp): void {
  app.addHook('onRequest', async (request) => {
    if (request.is404 || request.routeOptions.config.session !== true) return
    const sessionId = request.headers['x-session-id']
    if (sessionId === undefined || sessionId === '') throw new Problem('missing_session_id')
    if (typeof sessionId !== 'string' || !isSessionId(sessionId)) throw new Problem('invalid_session_id')
    if (request.grant === null || !mayTouch(request.grant, sessionId)) throw new Problem('session_forbidden')
    request.sessionId = sessionId
  })
}
