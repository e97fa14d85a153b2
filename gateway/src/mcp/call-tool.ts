import type { FastifyRequest } from 'fastify'
import type { GatewayApp } from '../gateway-app.ts'
import type { Tool } from './tools.ts'

type Arguments = Record<string, unknown>
type Caller = Pick<FastifyRequest, 'headers' | 'id'>

interface ToolResult {
  content: ({ type: 'text'; text: string } | { type: 'image'; data: string; mimeType: string })[]
  structuredContent?: Record<string, unknown>
  isError?: true
  [more: string]: unknown
}

/**
 * Makes the request that a tool stands for, with the token of its caller, so that access, limits, checks and the audit trail are
 * those of the route.
 */
export async function callTool(
  app: GatewayApp,
  tool: Tool,
  { sessionId, idempotencyKey, ...given }: Arguments,
  caller: Caller,
): Promise<ToolResult> {
  const { path, body } = requestOf(tool, given)
  const { authorization, 'x-api-key': apiKey } = caller.headers
  const answer = await app.inject({
    method: tool.method as 'GET',
    url: path,
    headers: {
      accept: tool.accept,
      'x-request-id': caller.id,
      ...(authorization !== undefined && { authorization }),
      ...(apiKey !== undefined && { 'x-api-key': apiKey }),
      ...(sessionId !== undefined && { 'x-session-id': headerOf(sessionId) }),
      ...(idempotencyKey !== undefined && { 'idempotency-key': headerOf(idempotencyKey) }),
    },
    ...(body !== null && { payload: body }),
  })
  const type = String(answer.headers['content-type'] ?? '')
  if (type.startsWith('image/'))
    return { content: [{ type: 'image', data: answer.rawPayload.toString('base64'), mimeType: type }] }
  const read = answer.body === '' ? {} : (JSON.parse(answer.body) as Record<string, unknown>)
  if (answer.statusCode < 400)
    return { content: [{ type: 'text', text: answer.body }], structuredContent: read }
  const { code, error, detail } = read
  const text = `${code}: ${error}${detail === undefined || detail === error ? '' : ` (${detail})`}`
  return { content: [{ type: 'text', text }], structuredContent: read, isError: true }
}

/** What the schemas of the route do not name goes where the route says that it does not know it. */
function requestOf(
  { url, params, query, body }: Tool,
  given: Arguments,
): { path: string; body: Arguments | null } {
  const inQuery = new URLSearchParams()
  const inBody: Arguments = {}
  for (const [name, value] of Object.entries(given)) {
    if (name in params.shape) continue
    if (name in query.shape || body === null) inQuery.append(name, String(value))
    else inBody[name] = value
  }
  // An empty part would be another address.
  const path = url.replaceAll(/:(\w+)/g, (_, name: string) =>
    encodeURIComponent(String(given[name] ?? '') || ' '),
  )
  return { path: inQuery.size > 0 ? `${path}?${inQuery}` : path, body: body === null ? null : inBody }
}

/** A header has one line of Latin letters: anything else is no id, and is refused as such. */
function headerOf(value: unknown): string {
  return encodeURI(String(value))
}
