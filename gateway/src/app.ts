import Fastify, { type FastifyBaseLogger, LogController } from 'fastify'
import { serializerCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod'
import { keepAudit } from './access/audit-trail.ts'
import { authenticate } from './access/authenticate.ts'
import { dashboardRoutes } from './dashboard/dashboard.ts'
import type { GatewayApp } from './gateway-app.ts'
import type { GatewayParts } from './gateway-parts.ts'
import {
  answerBrokenHttp,
  answerErrors,
  answerUnreadable,
  MAX_PATH_PART_LENGTH,
} from './http/answer-errors.ts'
import { connectionLimits, limitConnections } from './http/connection-limits.ts'
import { chooseRequestId, observeRequests } from './http/observe-requests.ts'
import { acceptJsonOnly } from './http/read-body.ts'
import { refuseUnknownAddresses } from './http/refuse-unknown-addresses.ts'
import { traceRequests } from './http/trace-requests.ts'
import { compileValidator, refuseUnknownInput } from './http/validation.ts'
import { mcpRoute } from './mcp/mcp-route.ts'
import { collectTools } from './mcp/tools.ts'
import { describeApi } from './openapi/describe-api.ts'
import { eventsRoute } from './routes/events/events.ts'
import { webhookRoute } from './routes/events/webhook.ts'
import { webhookDeleteRoute } from './routes/events/webhook-delete.ts'
import { webhookDeliveriesRoute } from './routes/events/webhook-deliveries.ts'
import { webhookDeliveryRedeliverRoute } from './routes/events/webhook-delivery-redeliver.ts'
import { webhookPutRoute } from './routes/events/webhook-put.ts'
import { webhookRedeliverRoute } from './routes/events/webhook-redeliver.ts'
import { webhookTestRoute } from './routes/events/webhook-test.ts'
import { webhooksRoute } from './routes/events/webhooks.ts'
import { batchRoute } from './routes/messages/batch.ts'
import { batchCancelRoute } from './routes/messages/batch-cancel.ts'
import { mediaRoute } from './routes/messages/media.ts'
import { mediaUploadRoute } from './routes/messages/media-upload.ts'
import { messageRoute } from './routes/messages/message.ts'
import { messageCancelRoute } from './routes/messages/message-cancel.ts'
import { messageForwardRoute } from './routes/messages/message-forward.ts'
import { messageMediaRoute } from './routes/messages/message-media.ts'
import { messagesRoute } from './routes/messages/messages.ts'
import { sendRoute } from './routes/messages/send.ts'
import { sendBulkRoute } from './routes/messages/send-bulk.ts'
import { operationRoutes } from './routes/operation-routes.ts'
import { auditRoute } from './routes/service/audit.ts'
import { healthRoute } from './routes/service/health.ts'
import { livezRoute } from './routes/service/livez.ts'
import { metricsRoute } from './routes/service/metrics.ts'
import { openapiRoute } from './routes/service/openapi.ts'
import { readyzRoute } from './routes/service/readyz.ts'
import { workersRoute } from './routes/service/workers.ts'
import { pairingCodeRoute } from './routes/sessions/pairing-code.ts'
import { qrRoute } from './routes/sessions/qr.ts'
import { queueRoute } from './routes/sessions/queue.ts'
import { queuePauseRoute } from './routes/sessions/queue-pause.ts'
import { queueResumeRoute } from './routes/sessions/queue-resume.ts'
import { screenshotRoute } from './routes/sessions/screenshot.ts'
import { sessionDeleteRoute } from './routes/sessions/session-delete.ts'
import { sessionLogoutRoute } from './routes/sessions/session-logout.ts'
import { sessionPutRoute } from './routes/sessions/session-put.ts'
import { sessionRestartRoute } from './routes/sessions/session-restart.ts'
import { sessionStartRoute } from './routes/sessions/session-start.ts'
import { sessionStopRoute } from './routes/sessions/session-stop.ts'
import { sessionsRoute } from './routes/sessions/sessions.ts'
import { statusRoute } from './routes/sessions/status.ts'
import { tokenDeleteRoute } from './routes/tokens/token-delete.ts'
import { tokenPostRoute } from './routes/tokens/token-post.ts'
import { tokenSelfRoute } from './routes/tokens/token-self.ts'
import { tokensRoute } from './routes/tokens/tokens.ts'

/** Builds the whole HTTP side; listening is the caller's. */
export async function buildApp(parts: GatewayParts): Promise<GatewayApp> {
  const app: GatewayApp = Fastify({
    ...connectionLimits,
    loggerInstance: parts.log as FastifyBaseLogger,
    // `observeRequests` writes the line of a request: Fastify's own holds the address with its query.
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    requestIdHeader: false,
    genReqId: chooseRequestId,
    frameworkErrors: answerUnreadable,
    clientErrorHandler: answerBrokenHttp,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: MAX_PATH_PART_LENGTH },
    forceCloseConnections: 'idle',
    return503OnClosing: false,
  }).withTypeProvider<ZodTypeProvider>()
  app.setValidatorCompiler(compileValidator)
  app.setSerializerCompiler(serializerCompiler)
  app.decorateRequest('grant', null)
  app.decorateRequest('sessionId', '')
  app.decorateRequest('messageId', '')

  limitConnections(app, parts.maxConnections, () => parts.waiters.release())
  observeRequests(app, parts.metrics)
  traceRequests(app, parts.tracer)
  answerErrors(app)
  refuseUnknownAddresses(app)
  authenticate(app, parts.callers)
  keepAudit(app, parts.redis)
  refuseUnknownInput(app)
  acceptJsonOnly(app)
  await describeApi(app)
  const tools = collectTools(app)

  livezRoute(app)
  readyzRoute(app, parts)
  healthRoute(app, parts)
  metricsRoute(app, parts)
  openapiRoute(app)
  qrRoute(app, parts)
  pairingCodeRoute(app, parts)
  mediaUploadRoute(app, parts)
  mediaRoute(app, parts)
  sendRoute(app, parts)
  messagesRoute(app, parts)
  messageRoute(app, parts)
  messageMediaRoute(app, parts)
  messageCancelRoute(app, parts)
  messageForwardRoute(app, parts)
  sendBulkRoute(app, parts)
  batchRoute(app, parts)
  batchCancelRoute(app, parts)
  queueRoute(app, parts)
  queuePauseRoute(app, parts)
  queueResumeRoute(app, parts)
  operationRoutes(app, parts)
  statusRoute(app, parts)
  sessionsRoute(app, parts)
  sessionStartRoute(app, parts)
  sessionStopRoute(app, parts)
  sessionRestartRoute(app, parts)
  sessionPutRoute(app, parts)
  sessionLogoutRoute(app, parts)
  sessionDeleteRoute(app, parts)
  screenshotRoute(app, parts)
  eventsRoute(app, parts)
  webhooksRoute(app, parts)
  webhookRoute(app, parts)
  webhookPutRoute(app, parts)
  webhookDeleteRoute(app, parts)
  webhookTestRoute(app, parts)
  webhookDeliveriesRoute(app, parts)
  webhookDeliveryRedeliverRoute(app, parts)
  webhookRedeliverRoute(app, parts)
  workersRoute(app, parts)
  dashboardRoutes(app, parts)
  tokenSelfRoute(app)
  tokensRoute(app, parts)
  tokenPostRoute(app, parts)
  tokenDeleteRoute(app, parts)
  auditRoute(app, parts)
  mcpRoute(app, tools, parts.callers)
  return app
}
