import { z } from 'zod'
import { assertForAll } from '../../access/grant.ts'
import type { GatewayApp } from '../../gateway-app.ts'
import type { GatewayParts } from '../../gateway-parts.ts'
import { problemResponses } from '../../http/problem.ts'

export function tokenDeleteRoute(app: GatewayApp, { tokens }: GatewayParts): void {
  app.route({
    method: 'DELETE',
    url: '/tokens/:id',
    config: { access: 'admin' },
    schema: {
      operationId: 'token.revoke',
      summary: 'Revokes an issued token, at once on every gateway',
      params: z.object({ id: z.string() }),
      response: { 200: z.object({ success: z.literal(true), id: z.string() }), ...problemResponses },
    },
    handler: async ({ grant, params: { id } }) => {
      assertForAll(grant)
      await tokens.revoke(id)
      return { success: true as const, id }
    },
  })
}
