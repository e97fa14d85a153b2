import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { GatewayApp } from '../gateway-app.ts'
import type { GatewayMetrics } from '../metrics/gateway-metrics.ts'

const REQUEST_ID = /^[A-Za-z0-9._-]{1,64}$/
const SUMMED_EVERY_MS = 60_000

/** Takes the caller's `X-Request-Id` where it is well formed and makes one otherwise. */
export function chooseRequestId(request: Pick<IncomingMessage, 'headers'>): string {
  const given = request.headers['x-request-id']
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID()
}

/**
 * Returns the id of each request with its answer, counts the request and logs one line: identifiers and the route's pattern
 * only, since addresses and bodies hold personal data. What was refused to callers without a token could fill any disk,
 * so it is summed up once a minute; each has its own line only at the level `debug`.
 */
export function observeRequests(app: GatewayApp, metrics: GatewayMetrics): void {
  const refused = new Map<number | 'unreadable', number>()
  const countRefusal = (kind: number | 'unreadable') => refused.set(kind, (refused.get(kind) ?? 0) + 1)
  const sumUp = () => {
    if (refused.size > 0)
      app.log.info({ refused: Object.fromEntries(refused) }, 'requests refused, by status')
    refused.clear()
  }
  const timer = setInterval(sumUp, SUMMED_EVERY_MS).unref()
  app.addHook('onClose', async () => {
    clearInterval(timer)
    sumUp()
  })

  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id)
    done()
  })
  app.addHook('onResponse', (request, reply, done) => {
    const { method, is404, grant, sessionId, messageId, routeOptions, log } = request
    const { statusCode: status, elapsedTime } = reply
    const route = is404 ? undefined : routeOptions.url
    // Addresses that do not exist count as one: anybody could make up new ones for ever.
    metrics.countRequest({ method, route: route ?? 'unknown', status, durationMs: elapsedTime })
    const line = {
      method,
      route: route ?? null,
      status,
      ms: Math.round(elapsedTime),
      ...(sessionId !== '' && { sessionId }),
      ...(messageId !== '' && { messageId }),
      ...(grant !== null && { caller: grant.name }),
    }
    if (grant !== null) log.info(line, 'request')
    else log.debug(line, 'request')
    if (grant === null && status >= 400) countRefusal(status)
    done()
  })
  // What is no HTTP, or did not come in time: no request and no hook.
  app.server.on('clientError', ({ code }: NodeJS.ErrnoException) => {
    if (code !== 'ECONNRESET') countRefusal('unreadable')
  })
}
