import { z } from 'zod'
import type { GatewayApp } from '../../gateway-app.ts'
import { problemResponses } from '../../http/problem.ts'

export function openapiRoute(app: GatewayApp): void {
  app.route({
    method: 'GET',
    url: '/openapi.json',
    config: { access: 'viewer' },
    schema: {
      operationId: 'service.openapi',
      summary: 'This document',
      response: { 200: z.looseObject({}).describe('An OpenAPI 3.1 document.'), ...problemResponses },
    },
    handler: async () => ({ ...app.swagger() }),
  })
}
