import swagger from '@fastify/swagger'
import { jsonSchemaTransform } from 'fastify-type-provider-zod'
import type { GatewayApp } from '../gateway-app.ts'

/** Collects the schemas of all routes into one OpenAPI document. Must be registered before them. */
export async function describeApi(app: GatewayApp): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'WhatsApp session gateway',
        version: '0.1.0',
        description: 'Sends and receives WhatsApp messages for many numbers, each named by X-Session-Id.',
      },
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer' },
          apiKey: { type: 'apiKey', in: 'header', name: 'X-Api-Key' },
        },
        parameters: {
          sessionId: {
            name: 'X-Session-Id',
            in: 'header',
            required: true,
            schema: { type: 'string', pattern: '^[A-Za-z0-9_-]{1,50}$' },
          },
        },
      },
      security: [{ bearer: [] }, { apiKey: [] }],
    },
    transform: jsonSchemaTransform,
    transformObject: (document) =>
      'openapiObject' in document ? addSessionHeader(document.openapiObject, concerned) : {},
  })
  const concerned = new Set<string>()
  app.addHook('onRoute', ({ url, config }) => {
    if (config?.session === true) concerned.add(url.replace(/:(\w+)/g, '{$1}'))
  })
}

/** The session header is checked by a hook, before any schema; the document names it all the same. */
function addSessionHeader<T extends { paths?: object }>(document: T, concerned: ReadonlySet<string>): T {
  for (const [path, operations] of Object.entries(document.paths ?? {})) {
    if (concerned.has(path)) operations.parameters = [{ $ref: '#/components/parameters/sessionId' }]
  }
  return document
}
