import { roles } from '@wsg/shared/roles.ts'
import { z } from 'zod'
import type { TokenGrant } from '../../access/grant.ts'
import type { GatewayApp } from '../../gateway-app.ts'
import { problemResponses } from '../../http/problem.ts'

const answerSchema = z.object({
  name: z.string(),
  role: z.enum(roles),
  sessions: z
    .array(z.string())
    .nullable()
    .describe('The sessions that it may touch, by id or pattern; null for all.'),
})
export type TokenSelf = z.infer<typeof answerSchema>

export function tokenSelfRoute(app: GatewayApp): void {
  app.route({
    method: 'GET',
    url: '/tokens/self',
    config: { access: 'viewer' },
    schema: {
      operationId: 'token.self',
      summary: 'What the token of this request allows',
      response: { 200: answerSchema, ...problemResponses },
    },
    handler: async ({ grant }) => {
      const { name, role, sessions } = grant as TokenGrant
      return { name, role, sessions: sessions === null ? null : [...sessions.named] }
    },
  })
}
