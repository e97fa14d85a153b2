import { randomUUID } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { ConnectionError, FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import type { GatewayApp } from '../gateway-app.ts'
import { invalidRequest, Problem } from './problem.ts'
import { problemOfRedisFault } from './redis-fault.ts'

/** The longest part of a path that stands for an id or a number. */
export const MAX_PATH_PART_LENGTH = 200

/** Turns whatever a request failed with into one problem of the catalogue; what nobody foresaw is logged. */
export function answerErrors(app: GatewayApp): void {
  app.setErrorHandler<FastifyError>(async (error, request, reply) => {
    const problem = isWrongType(error) ? wrongType(request) : toProblem(error)
    if (problem.code === 'internal_error') request.log.error({ err: error }, 'request failed')
    return answerProblem(problem, request, reply)
  })
}

/** What Fastify cannot route at all: an address whose path is broken, or has a part that is too long. No hook runs for it. */
export function answerUnreadable({ code }: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  reply.header('x-request-id', request.id)
  answerProblem(invalidRequest(`the path ${PATH_FAULTS[code] ?? 'cannot be read'}`), request, reply)
}

const PATH_FAULTS: Partial<Record<string, string>> = {
  FST_ERR_BAD_URL: 'is not percent-encoded UTF-8',
  FST_ERR_MAX_PARAM_LENGTH: `has a part of more than ${MAX_PATH_PART_LENGTH} characters`,
}

/** What Node cannot read as HTTP, or what did not come in time. There is no request and no answer, only the connection. */
export function answerBrokenHttp(error: ConnectionError, socket: Socket): void {
  const isUseless = error.code === 'ECONNRESET' || !socket.writable
  if (!isUseless) {
    const problem = problemOfBrokenHttp(error.code)
    const body = JSON.stringify(problem.toBody(randomUUID()))
    const head = `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\nConnection: close\r\nContent-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`
    socket.write(head + body)
  }
  socket.destroySoon()
}

function problemOfBrokenHttp(code: string | undefined): Problem {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new Problem('request_timeout')
  if (code === 'HPE_HEADER_OVERFLOW') return new Problem('headers_too_large')
  return invalidRequest('this is not HTTP/1.1')
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

function isWrongType(error: FastifyError): boolean {
  return error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE'
}

function wrongType({ routeOptions }: FastifyRequest): Problem {
  const { consumes = ['application/json'] } = routeOptions.schema ?? {}
  return new Problem('unsupported_media_type', { sentence: `Send the body as ${consumes.join(' or ')}.` })
}

export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  const redisFault = problemOfRedisFault(error)
  if (redisFault !== null) return redisFault
  const { statusCode, message } = error as Partial<FastifyError>
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return new Problem('invalid_request', { ...(message !== undefined && { detail: message.slice(0, 200) }) })
  return new Problem('internal_error')
}
