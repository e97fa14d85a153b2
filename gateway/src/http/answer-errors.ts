import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import type { GatewayApp } from '../gateway-app.ts'
import { describeInvalid } from './describe-invalid.ts'
import { Problem } from './problem.ts'
import { problemOfRedisFault } from './redis-fault.ts'

/** Turns whatever a request failed with into one problem of the catalogue; what nobody foresaw is logged. */
export function answerErrors(app: GatewayApp): void {
  app.setErrorHandler<FastifyError>(async (error, request, reply) => {
    const problem = toProblem(error)
    if (problem.code === 'internal_error') request.log.error({ err: error }, 'request failed')
    return answerProblem(problem, request, reply)
  })
}

/** What Fastify cannot route at all, a broken percent-encoding for one. */
export function answerUnreadable(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  // No hook runs for it.
  reply.header('x-request-id', request.id)
  answerProblem(toProblem(error), request, reply)
}

function answerProblem(problem: Problem, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { retryAfterSeconds } = problem
  if (retryAfterSeconds !== undefined) reply.header('retry-after', retryAfterSeconds)
  // As text: an error is no answer of the route, whose schema must not refuse it.
  return reply
    .code(problem.status)
    .type('application/problem+json')
    .serializer(JSON.stringify)
    .send(problem.toBody(request.id))
}

export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  const redisFault = problemOfRedisFault(error)
  if (redisFault !== null) return redisFault
  const { code, statusCode, validation, validationContext } = error as Partial<FastifyError>
  if (validation !== undefined) {
    const faults = describeInvalid(validation, validationContext ?? 'request')
    return new Problem('invalid_request', { sentence: `Invalid request: ${faults.join('; ')}.` })
  }
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return new Problem('payload_too_large')
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return new Problem('unsupported_media_type')
  if (error instanceof SyntaxError || code === 'FST_ERR_CTP_INVALID_JSON_BODY')
    return new Problem('invalid_request', { sentence: 'Invalid request: the body is not valid JSON.' })
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return new Problem('invalid_request', { detail: (error as Error).message })
  return new Problem('internal_error')
}
