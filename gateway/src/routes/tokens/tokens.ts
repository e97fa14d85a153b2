import { z } from 'zod'
import { assertForAll } from '../../access/grant.ts'
import { type IssuedToken, tokenBodySchema } from '../../access/issued-tokens.ts'
import type { GatewayApp } from '../../gateway-app.ts'
import type { GatewayParts } from '../../gateway-parts.ts'
import { problemResponses } from '../../http/problem.ts'

export const tokenAnswerSchema = tokenBodySchema.extend({
  id: z.string(),
  createdAt: z.iso.datetime(),
  createdBy: z.string().describe('Name of the token that issued it.'),
  lastUsedAt: z.iso.datetime().nullable().describe('To the minute; null where it was never used.'),
})
export type TokenAnswer = z.output<typeof tokenAnswerSchema>

export function toTokenAnswer({
  createdAt,
  lastUsedAt,
  ...token
}: IssuedToken): z.input<typeof tokenAnswerSchema> {
  return {
    ...token,
    createdAt: new Date(createdAt).toISOString(),
    lastUsedAt: lastUsedAt === null ? null : new Date(lastUsedAt).toISOString(),
  }
}

export function tokensRoute(app: GatewayApp, { tokens }: GatewayParts): void {
  app.route({
    method: 'GET',
    url: '/tokens',
    config: { access: 'admin' },
    schema: {
      operationId: 'token.list',
      summary:
        'The issued tokens, without the tokens themselves; those of the configuration are not among them',
      response: { 200: z.object({ items: z.array(tokenAnswerSchema) }), ...problemResponses },
    },
    handler: async ({ grant }) => {
      assertForAll(grant)
      return { items: (await tokens.list()).map(toTokenAnswer) }
    },
  })
}
