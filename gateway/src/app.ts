import Fastify, { type FastifyBaseLogger, LogController } from 'fastify'
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod'
import { authenticate } from './access/authenticate.ts'
import { requireSessionId } from './access/require-session-id.ts'
import type { GatewayApp } from './gateway-app.ts'
import type { GatewayParts } from './gateway-parts.ts'
import { acceptJsonOnly } from './http/accept-json-only.ts'
import { logAccess } from './http/access-log.ts'
import { answerErrors, answerUnreadable } from './http/answer-errors.ts'
import { answerUnknownAddresses } from './http/answer-unknown-addresses.ts'
import { describeApi } from './http/describe-api.ts'
import { finishOnClose } from './http/finish-on-close.ts'
import { chooseRequestId, returnRequestId } from './http/request-id.ts'
import { countRequests } from './metrics/count-requests.ts'
import { batchRoute } from './routes/batch.ts'
import { batchCancelRoute } from './routes/batch-cancel.ts'
import { healthRoute } from './routes/health.ts'
import { livezRoute } from './routes/livez.ts'
import { messageRoute } from './routes/message.ts'
import { messageCancelRoute } from './routes/message-cancel.ts'
import { messagesRoute } from './routes/messages.ts'
import { metricsRoute } from './routes/metrics.ts'
import { openapiRoute } from './routes/openapi.ts'
import { pairingCodeRoute } from './routes/pairing-code.ts'
import { qrRoute } from './routes/qr.ts'
import { queueRoute } from './routes/queue.ts'
import { queuePauseRoute } from './routes/queue-pause.ts'
import { queueResumeRoute } from './routes/queue-resume.ts'
import { readyzRoute } from './routes/readyz.ts'
import { screenshotRoute } from './routes/screenshot.ts'
import { sendRoute } from './routes/send.ts'
import { sendBulkRoute } from './routes/send-bulk.ts'
import { sessionDeleteRoute } from './routes/session-delete.ts'
import { sessionPutRoute } from './routes/session-put.ts'
import { sessionRestartRoute } from './routes/session-restart.ts'
import { sessionStartRoute } from './routes/session-start.ts'
import { sessionStopRoute } from './routes/session-stop.ts'
import { sessionsRoute } from './routes/sessions.ts'
import { statusRoute } from './routes/status.ts'

/** Room for the longest text with every character escaped, and for a clear answer to one that is longer. */
const BODY_LIMIT_BYTES = 1_500_000

/** Builds the whole HTTP side; listening is the caller's. */
export async function buildApp(parts: GatewayParts): Promise<GatewayApp> {
  const app: GatewayApp = Fastify({
    loggerInstance: parts.log as FastifyBaseLogger,
    // `logAccess` writes the line of a request: Fastify's own holds the address with its query.
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    bodyLimit: BODY_LIMIT_BYTES,
    requestIdHeader: false,
    genReqId: chooseRequestId,
    frameworkErrors: answerUnreadable,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 200 },
    forceCloseConnections: 'idle',
  }).withTypeProvider<ZodTypeProvider>()
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  app.decorateRequest('grant', null)
  app.decorateRequest('sessionId', '')

  finishOnClose(app, () => parts.waiters.release())
  returnRequestId(app)
  logAccess(app)
  countRequests(app, parts.metrics)
  authenticate(app, parts.tokens)
  requireSessionId(app)
  acceptJsonOnly(app)
  answerErrors(app)
  answerUnknownAddresses(app)
  await describeApi(app)

  livezRoute(app)
  readyzRoute(app, parts)
  healthRoute(app, parts)
  metricsRoute(app, parts)
  openapiRoute(app)
  qrRoute(app, parts)
  pairingCodeRoute(app, parts)
  sendRoute(app, parts)
  messagesRoute(app, parts)
  messageRoute(app, parts)
  messageCancelRoute(app, parts)
  sendBulkRoute(app, parts)
  batchRoute(app, parts)
  batchCancelRoute(app, parts)
  queueRoute(app, parts)
  queuePauseRoute(app, parts)
  queueResumeRoute(app, parts)
  statusRoute(app, parts)
  sessionsRoute(app, parts)
  sessionStartRoute(app, parts)
  sessionStopRoute(app, parts)
  sessionRestartRoute(app, parts)
  sessionPutRoute(app, parts)
  sessionDeleteRoute(app, parts)
  screenshotRoute(app, parts)
  return app
}
