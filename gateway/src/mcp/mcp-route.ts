import type { CallToolRequest, Server } from '@modelcontextprotocol/server'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Callers } from '../access/callers.ts'
import type { TokenGrant } from '../access/grant.ts'
import type { GatewayApp } from '../gateway-app.ts'
import { callTool } from './call-tool.ts'
import { listTools, type Tool } from './tools.ts'

const INSTRUCTIONS = `Sends and receives WhatsApp messages. Each session is one WhatsApp account: session_list names them, and one that is
not ready has to be paired first (session_qr). message_send sends; give it an idempotencyKey, so that a call whose answer is lost can be
repeated without a second message. A phone number is written with its country code. What WhatsApp cannot do is an error that says so.`

/**
 * The Model Context Protocol over HTTP, without sessions of its own, so that any gateway answers any request. A tool call is counted as
 * the request that it makes, anything else as a request itself.
 */
export function mcpRoute(app: GatewayApp, tools: readonly Tool[], callers: Callers): void {
  app.route({
    method: 'POST',
    url: '/mcp',
    config: { access: 'viewer', isAudited: false, isCounted: false },
    schema: { hide: true, body: z.unknown() },
    handler: async (request, reply) => {
      const grant = request.grant as TokenGrant
      if (!isToolCall(request.body)) await callers.countRequest(grant)
      // Loaded where it is used: it takes 30 MB.
      const { createMcpHandler, Server } = await import('@modelcontextprotocol/server')
      const makeServer = () => {
        const server = new Server(
          { name: 'whatsapp-session-gateway', version: '0.1.0' },
          { capabilities: { tools: {} }, instructions: INSTRUCTIONS },
        )
        serveTools(server, request, grant)
        return server
      }
      const { fetch } = createMcpHandler(makeServer, { maxSubscriptions: 0 })
      const asked = new Request('http://gateway/mcp', { method: 'POST', headers: headersOf(request) })
      return reply.send(await fetch(asked, { parsedBody: request.body }))
    },
  })

  function serveTools(server: Server, request: FastifyRequest, grant: TokenGrant): void {
    server.setRequestHandler('tools/list', () => ({ tools: listTools(tools, grant) }))
    server.setRequestHandler('tools/call', async ({ params }: CallToolRequest) => {
      const tool = tools.find(({ name }) => name === params.name)
      if (tool !== undefined) return await callTool(app, tool, params.arguments ?? {}, request)
      return {
        content: [{ type: 'text' as const, text: 'not_found: There is no tool of this name.' }],
        isError: true,
      }
    })
  }
}

function isToolCall(body: unknown): boolean {
  return (body as { method?: unknown } | null)?.method === 'tools/call'
}

function headersOf({ headers }: FastifyRequest): Headers {
  const given = Object.entries(headers).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  )
  return new Headers(given)
}
