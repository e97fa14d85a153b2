import { z } from 'zod'
import { assertForAll } from '../../access/grant.ts'
import { tokenBodySchema } from '../../access/issued-tokens.ts'
import type { GatewayApp } from '../../gateway-app.ts'
import type { GatewayParts } from '../../gateway-parts.ts'
import { invalidRequest, problemResponses } from '../../http/problem.ts'
import { tokenAnswerSchema, toTokenAnswer } from './tokens.ts'

export function tokenPostRoute(app: GatewayApp, { tokens }: GatewayParts): void {
  app.route({
    method: 'POST',
    url: '/tokens',
    config: { access: 'admin' },
    schema: {
      operationId: 'token.issue',
      summary: 'Issues a token, which counts at once on every gateway',
      body: tokenBodySchema
        .strict()
        .meta({ examples: [{ name: 'shop', role: 'sender', sessions: ['shop'] }] }),
      response: {
        201: tokenAnswerSchema.extend({ token: z.string().describe('It is not shown again.') }),
        ...problemResponses,
      },
    },
    handler: async ({ grant, body }, reply) => {
      assertForAll(grant)
      if (body.expiresAt !== undefined && Date.parse(body.expiresAt) <= Date.now())
        throw invalidRequest('expiresAt: must be in the future')
      const { token, ...issued } = await tokens.issue(body, grant?.name ?? '')
      return reply.status(201).send({ ...toTokenAnswer(issued), token })
    },
  })
}
