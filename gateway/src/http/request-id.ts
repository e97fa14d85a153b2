import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { GatewayApp } from '../gateway-app.ts'

const GIVEN = /^[A-Za-z0-9._-]{1,64}$/

/** Takes the caller's `X-Request-Id` where it is well formed and makes one otherwise. */
export function chooseRequestId(request: Pick<IncomingMessage, 'headers'>): string {
  const given = request.headers['x-request-id']
  return typeof given === 'string' && GIVEN.test(given) ? given : randomUUID()
}

/** Returns the id with every answer, so that a caller can name a request that went wrong. */
export function returnRequestId(app: GatewayApp): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id)
  })
}
