import { isSessionId } from '@wsg/shared/sessions/session-id.ts'
import type { FastifyRequest } from 'fastify'
import type { GatewayApp } from '../gateway-app.ts'
import { Problem } from '../http/problem.ts'
import type { Callers } from './callers.ts'
import { mayAct, mayTouch } from './grant.ts'

/**
 * Asks each request for a token with the role that its route needs, and then for the session that it concerns. Both come
 * before the body is read and before any session is looked at, so that a refusal cannot tell what exists.
 */
export function authenticate(app: GatewayApp, callers: Callers): void {
  app.addHook('onRequest', async (request, reply) => {
    const { access = 'admin', session = false, isCounted = true } = request.routeOptions.config
    if (access === 'public') return
    const token = readToken(request)
    const grant = token === null ? null : await callers.identify(token, request.ip)
    if (grant === null) {
      reply.header('www-authenticate', 'Bearer')
      throw new Problem('unauthorized')
    }
    request.grant = grant
    const limits = isCounted ? await callers.countRequest(grant) : null
    if (limits !== null) reply.headers(limits)
    if (!mayAct(grant, access))
      throw new Problem('forbidden', {
        detail: `The token has the role ${grant.role}; this needs ${access}.`,
      })
    if (!session) return
    const isForAll = session === 'optional' && request.headers['x-session-id'] === undefined
    if (isForAll && grant.sessions === null) return
    const sessionId = readSessionId(request)
    if (!mayTouch(grant, sessionId)) throw new Problem('session_forbidden')
    request.sessionId = sessionId
  })
}

/**
 * The token of the headers, never of the address, which ends up in logs. `X-Api-Key` counts where `Authorization` has
 * another scheme: a proxy in front may need that header for itself.
 */
function readToken({ headers }: FastifyRequest): string | null {
  const { authorization = '', 'x-api-key': apiKey } = headers
  if (/^Bearer( |$)/i.test(authorization)) return /^Bearer +(\S+) *$/i.exec(authorization)?.[1] ?? null
  return typeof apiKey === 'string' && apiKey !== '' ? apiKey : null
}

function readSessionId({ headers }: FastifyRequest): string {
  const sessionId = headers['x-session-id']
  if (sessionId === undefined || sessionId === '') throw new Problem('missing_session_id')
  if (typeof sessionId !== 'string' || !isSessionId(sessionId)) throw new Problem('invalid_session_id')
  return sessionId
}
