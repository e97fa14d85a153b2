import type { FastifyRequest } from 'fastify'
import type { GatewayApp } from '../gateway-app.ts'
import { Problem } from '../http/problem.ts'
import { mayAct } from './token-grant.ts'
import type { TokenTable } from './token-table.ts'

/**
 * Asks every request for a token, before its session id, its body or its address' existence can tell anything.
 * Addresses that do not exist are answered without one: what exists is in the published documentation anyway.
 */
export function authenticate(app: GatewayApp, tokens: TokenTable): void {
  app.addHook('onRequest', async (request, reply) => {
    const { access = 'admin' } = request.routeOptions.config
    if (request.is404 || access === 'public') return
    const token = readToken(request)
    const grant = token === null ? null : tokens.find(token)
    if (grant === null) {
      reply.header('www-authenticate', 'Bearer')
      throw new Problem('unauthorized')
    }
    if (!mayAct(grant, access)) {
      throw new Problem('forbidden', {
        detail: `The token has the role ${grant.role}; this needs ${access}.`,
      })
    }
    request.grant = grant
  })
}

/**
 * The token of the headers, never of the URL, which ends up in logs. `X-Api-Key` counts where `Authorization` is not a
 * bearer's: a proxy in front may need that one for itself.
 */
function readToken(request: FastifyRequest): string | null {
  const { authorization = '', 'x-api-key': apiKey } = request.headers
  if (/^Bearer( |$)/i.test(authorization)) return /^Bearer +(\S+) *$/i.exec(authorization)?.[1] ?? null
  return typeof apiKey === 'string' && apiKey !== '' ? apiKey : null
}
