import swagger from '@fastify/swagger'
import { SESSION_ID_PATTERN } from '@wsg/shared/sessions/session-id.ts'
import type { FastifySchema, RouteOptions } from 'fastify'
import { jsonSchemaTransform } from 'fastify-type-provider-zod'
import type { z } from 'zod'
import type { GatewayApp } from '../gateway-app.ts'
import { noBody } from '../http/validation.ts'
import { referToComponents } from './refer-to-components.ts'

type JsonSchema = Record<string, unknown>

const sessionHeader = {
  type: 'string',
  pattern: SESSION_ID_PATTERN.source,
  description: 'The session that the request concerns.',
}

/** Collects the schemas of all routes into one OpenAPI document. Must be registered before them. */
export async function describeApi(app: GatewayApp): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'WhatsApp session gateway',
        version: '0.1.0',
        license: { name: 'MIT', identifier: 'MIT' },
        description: 'Sends and receives WhatsApp messages for many numbers, each named by X-Session-Id.',
      },
      servers: [{ url: '/', description: 'The gateway that gave this document.' }],
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer' },
          apiKey: { type: 'apiKey', in: 'header', name: 'X-Api-Key' },
        },
      },
      security: [{ bearer: [] }, { apiKey: [] }],
      webhooks: {
        event: {
          post: {
            summary: 'What is posted to a webhook, signed as Standard Webhooks say; any 2xx takes it',
            operationId: 'event.deliver',
            tags: ['webhook'],
            security: [],
            requestBody: {
              content: { 'application/json': { schema: { $ref: '#/components/schemas/Event' } } },
            },
            responses: { '2XX': { description: 'Taken.' } },
          },
        },
      },
    },
    transform: (input) => {
      // The dashboard's own files are no part of the API.
      if (input.schema?.hide) return input
      const { schema, url } = jsonSchemaTransform(input)
      return { schema: describeRoute(schema as FastifySchema, input.route), url }
    },
    transformObject: (given) =>
      referToComponents('openapiObject' in given ? given.openapiObject : given) as never,
  })
}

/** Adds what the hooks ask for and answer before and after a route, of which its own schema says nothing. */
function describeRoute(schema: FastifySchema, { config, schema: written }: RouteOptions): FastifySchema {
  const { produces = ['application/json'] } = schema
  const { body, headers, response, ...rest } = schema
  const asked = (headers ?? { properties: {} }) as { properties: JsonSchema }
  return {
    ...rest,
    // `message.send` stands with all that is about messages.
    ...(schema.operationId !== undefined && { tags: schema.operationId.split('.').slice(0, 1) }),
    ...(body !== undefined && written?.body !== noBody && { body: withExamples(body, written?.body) }),
    ...(config?.access === 'public' && { security: [] }),
    headers:
      config?.session !== undefined && config.session !== false
        ? {
            type: 'object',
            ...(config.session === true && { required: ['X-Session-Id'] }),
            properties: { 'X-Session-Id': sessionHeader, ...asked.properties },
          }
        : { type: 'object', properties: asked.properties },
    response: describeAnswers(response as Record<string, JsonSchema>, produces),
  }
}

/** Zod leaves the examples out where a field is read into something else. */
function withExamples(body: unknown, written: unknown): unknown {
  const examples = (written as z.ZodType | undefined)?.meta?.()?.examples
  return examples === undefined ? body : { ...(body as JsonSchema), examples }
}

function describeAnswers(answers: Record<string, JsonSchema>, produces: readonly string[]): JsonSchema {
  return Object.fromEntries(
    Object.entries(answers).map(([status, schema]) => {
      const { description = 'The answer.' } = schema
      if (!status.startsWith('2')) return [status, { ...problemAnswer, description }]
      const content = produces.map((type) => [type, { schema: contentOf(type, schema) }])
      return [status, { description, content: Object.fromEntries(content) }]
    }),
  )
}

const problemAnswer = {
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
}

function contentOf(type: string, schema: JsonSchema): JsonSchema {
  if (type === 'application/json') return schema
  return type.startsWith('image/') ? { type: 'string', format: 'binary' } : { type: 'string' }
}
