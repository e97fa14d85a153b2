import type { Span, Tracer } from '@wsg/shared/tracing/tracer.ts'
import type { FastifyRequest } from 'fastify'
import type { GatewayApp } from '../gateway-app.ts'

/** Makes a span of each request that needs a token. It goes on the caller's trace where the request names one. */
export function traceRequests(app: GatewayApp, tracer: Tracer | null): void {
  app.decorateRequest('traceparent', undefined)
  if (tracer === null) return
  const spans = new WeakMap<FastifyRequest, Span>()
  app.addHook('onRequest', (request, _reply, done) => {
    const { method, headers, is404, routeOptions, id } = request
    if (!is404 && routeOptions.config.access !== 'public') {
      const span = tracer.start(`${method} ${routeOptions.url}`, {
        kind: 'server',
        parent: headers.traceparent as string | undefined,
        attributes: {
          'http.request.method': method,
          'http.route': routeOptions.url ?? '',
          'wsg.request_id': id,
        },
      })
      spans.set(request, span)
      request.traceparent = span.traceparent
    }
    done()
  })
  app.addHook('onResponse', (request, { statusCode }, done) => {
    const { sessionId, messageId } = request
    spans.get(request)?.end({
      attributes: {
        'http.response.status_code': statusCode,
        ...(sessionId !== '' && { 'wsg.session_id': sessionId }),
        ...(messageId !== '' && { 'wsg.message_id': messageId }),
      },
      ...(statusCode >= 500 && { failure: String(statusCode) }),
    })
    done()
  })
}
