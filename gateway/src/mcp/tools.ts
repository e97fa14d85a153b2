import { operationList } from '@wsg/shared/operations/operations.ts'
import { SESSION_ID_PATTERN } from '@wsg/shared/sessions/session-id.ts'
import type { RouteOptions } from 'fastify'
import { z } from 'zod'
import { mayAct, type TokenGrant } from '../access/grant.ts'
import type { GatewayApp } from '../gateway-app.ts'
import { noBody } from '../http/validation.ts'

type Access = NonNullable<RouteOptions['config']>['access']

/** A route as a tool: where each of its arguments goes in the request is told by the schemas of the route. */
export interface Tool {
  /** Letters, digits, `_` and `-`: some clients take nothing else. */
  name: string
  method: string
  url: string
  access: Access
  takesSession: boolean
  params: z.ZodObject
  query: z.ZodObject
  body: z.ZodObject | null
  takesIdempotencyKey: boolean
  /** What a picture is asked for as, where the answer is better seen than read. */
  accept: 'image/png' | 'application/json'
  summary: string
  annotations: { readOnlyHint: boolean; destructiveHint?: boolean; idempotentHint?: boolean }
}

interface Traits {
  isDestructive?: boolean | undefined
  /** For a GET that changes something. */
  changes?: true
  accept?: 'image/png'
}

/** The requests that are tools beside the operations of the table, by the name that the OpenAPI document has for them. */
const furtherTools: Partial<Record<string, Traits>> = {
  'message.send': {},
  'message.list': {},
  'message.get': {},
  'message.cancel': {},
  'message.forward': {},
  'session.list': {},
  'session.get': {},
  'session.qr': { changes: true, accept: 'image/png' },
  'session.pairing-code': {},
  'session.start': {},
  'session.stop': {},
  'session.restart': {},
  'session.logout': { isDestructive: true },
  'session.delete': { isDestructive: true },
}

/** Collects the tools from the routes. Must be called before those are registered. */
export function collectTools(app: GatewayApp): readonly Tool[] {
  const tools: Tool[] = []
  app.addHook('onRoute', ({ method, url, schema = {}, config = {} }) => {
    const { operationId = '', body } = schema
    const traits = traitsOf(operationId)
    // Fastify makes a HEAD for each GET.
    if (traits === undefined || method === 'HEAD') return
    const { isDestructive = false, changes = method !== 'GET', accept = 'application/json' } = traits
    tools.push({
      ...{ name: operationId.replaceAll('.', '_'), method: String(method), url, accept },
      access: config.access,
      takesSession: config.session === true,
      params: objectOf(schema.params),
      query: objectOf(schema.querystring),
      body: body === undefined || body === noBody ? null : objectOf(body),
      takesIdempotencyKey: 'idempotency-key' in objectOf(schema.headers).shape,
      summary: schema.summary ?? '',
      annotations: changes
        ? { readOnlyHint: false, destructiveHint: isDestructive, idempotentHint: method !== 'POST' }
        : { readOnlyHint: true },
    })
  })
  return tools
}

function traitsOf(operationId: string): Traits | undefined {
  const operation = operationList.find(({ name }) => name === operationId)
  return operation ?? furtherTools[operationId]
}

function objectOf(schema: unknown): z.ZodObject {
  return (schema as z.ZodObject | undefined) ?? z.object({})
}

/** The tools that a token may use, as the protocol lists them. */
export function listTools(tools: readonly Tool[], grant: TokenGrant) {
  return tools
    .filter(({ access = 'admin' }) => access === 'public' || mayAct(grant, access))
    .map((tool) => ({
      name: tool.name,
      description: tool.summary,
      inputSchema: inputSchemaOf(tool, grant),
      annotations: tool.annotations,
    }))
}

const idempotencyKey = {
  type: 'string',
  description:
    'The same key with the same arguments is the same message, for 24 hours: with it a call is safe to repeat.',
}

function inputSchemaOf(tool: Tool, { sessions }: TokenGrant) {
  const sessionId = {
    type: 'string',
    description: 'The session, which is one WhatsApp account.',
    ...(sessions?.ids ? { enum: sessions.ids } : { pattern: SESSION_ID_PATTERN.source }),
  }
  const parts = [tool.params, tool.query, tool.body].filter((part) => part !== null).map(toJsonSchema)
  return {
    type: 'object' as const,
    properties: {
      ...(tool.takesSession && { sessionId }),
      ...Object.assign({}, ...parts.map(({ properties }) => properties)),
      ...(tool.takesIdempotencyKey && { idempotencyKey }),
    },
    required: [
      ...(tool.takesSession ? ['sessionId'] : []),
      ...parts.flatMap(({ required = [] }) => required),
    ],
  }
}

const written = new WeakMap<z.ZodObject, JsonObject>()

interface JsonObject {
  properties?: Record<string, object>
  required?: string[]
}

function toJsonSchema(schema: z.ZodObject): JsonObject {
  const known = written.get(schema)
  if (known !== undefined) return known
  const made = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonObject
  written.set(schema, made)
  return made
}
