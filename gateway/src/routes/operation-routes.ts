import type { ErrorCode } from '@wsg/shared/errors.ts'
import type { Media } from '@wsg/shared/messages/media.ts'
import { messageIdSchema } from '@wsg/shared/messages/message-id.ts'
import {
  type AnyOperation,
  changesSomething,
  type OperationInput,
  type OperationName,
  operationList,
  readPaceOf,
} from '@wsg/shared/operations/operations.ts'
import type { FastifySchema } from 'fastify'
import type { GatewayApp } from '../gateway-app.ts'
import type { GatewayParts } from '../gateway-parts.ts'
import { Problem, problemResponsesOf } from '../http/problem.ts'
import { FORM, readMediaForm, withForms } from '../media/send-form.ts'
import { findWhatsAppId } from '../messages/find-whatsapp-id.ts'
import { askReadySession } from '../sessions/ask-ready-session.ts'

/** One route for each operation that has a request: the worker that owns the session is asked, and what it says is answered. */
export function operationRoutes(app: GatewayApp, parts: GatewayParts): void {
  for (const operation of operationList)
    if (operation.http !== undefined) operationRoute(app, parts, operation, operation.http)
}

function operationRoute(
  app: GatewayApp,
  parts: GatewayParts,
  operation: AnyOperation,
  { method, path }: Required<AnyOperation>['http'],
): void {
  const { name, access, isAudited = true } = operation
  const { id, media } = operation.input.shape
  const namesMessage = id === messageIdSchema
  const route = (scope: GatewayApp) =>
    scope.route({
      method,
      url: path,
      config: { access, session: true, isAudited },
      schema: {
        ...schemaOf(operation, method, path),
        ...(media && { consumes: ['application/json', FORM] }),
      },
      handler: async ({ sessionId, grant, params, query, body, id: requestId, traceparent }) => {
        const input: Record<string, unknown> = {
          ...(params as object),
          ...(query as object),
          ...(body as object),
        }
        if (namesMessage) input.id = await findWhatsAppId(parts.redis, sessionId, String(input.id))
        if (media) input.media = await parts.media.settlePicture(sessionId, input.media as Media)
        const answer = await askReadySession(parts, grant, {
          ...{ sessionId, name, requestId, traceparent },
          input: input as OperationInput<OperationName>,
        })
        if (answer === null)
          throw new Problem(changesSomething(name) ? 'not_confirmed' : 'worker_timeout', {
            members: { sessionId },
          })
        return answer
      },
    })
  if (media) withForms(app, (request) => readMediaForm(request, parts.media), route)
  else route(app)
}

function schemaOf(
  { name, summary, input, output, errors = [], example }: AnyOperation,
  method: string,
  path: string,
) {
  const inPath = Object.fromEntries([...path.matchAll(/:(\w+)/g)].map(([, field]) => [field, true as const]))
  const others = input.omit(inPath).strict()
  const exampleOfOthers = Object.entries(example.input).filter(([field]) => field in others.shape)
  const isInQuery = method === 'GET' || method === 'DELETE'
  const codes: ErrorCode[] = [...errors]
  if (changesSomething(name)) codes.push('not_confirmed')
  if (readPaceOf(name) !== null) codes.push('too_many_reads')
  return {
    operationId: name,
    summary,
    params: input.pick(inPath),
    ...(Object.keys(others.shape).length > 0 && {
      [isInQuery ? 'querystring' : 'body']: others.meta({ examples: [Object.fromEntries(exampleOfOthers)] }),
    }),
    response: {
      200: output.meta({ examples: [example.output] }),
      ...problemResponsesOf(codes),
    },
  } satisfies FastifySchema
}
