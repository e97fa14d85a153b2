import { phoneNumberSchema } from '@wsg/shared/messages/recipient.ts'
import { readSnapshot } from '@wsg/shared/redis/session/snapshot.ts'
import { viewSession } from '@wsg/shared/sessions/session-view.ts'
import { z } from 'zod'
import type { GatewayApp } from '../../gateway-app.ts'
import type { GatewayParts } from '../../gateway-parts.ts'
import { Problem, problemResponses } from '../../http/problem.ts'
import { sessionAnswerSchema, toSessionAnswer } from '../../sessions/session-answer.ts'

const WAIT_MS = 45_000

const body = z
  .strictObject({ phoneNumber: phoneNumberSchema })
  .meta({ examples: [{ phoneNumber: '5511999887766' }] })

const answerSchema = sessionAnswerSchema.extend({
  /** To be typed into WhatsApp on the phone; null where the session is not that far yet. */
  code: z.string().nullable(),
  expiresAt: z.iso.datetime().nullable(),
  replacesPrevious: z
    .boolean()
    .describe(
      'A code that was given before does not work any more: it was for another number, or about to end.',
    ),
})
export type PairingCodeAnswer = z.infer<typeof answerSchema>

export function pairingCodeRoute(app: GatewayApp, { desired, redis, operations }: GatewayParts): void {
  app.route({
    method: 'POST',
    url: '/pairing-code',
    config: { access: 'operator', session: true },
    schema: {
      operationId: 'session.pairing-code',
      summary: 'A code to pair a phone without a camera; creates the session where there is none',
      body,
      response: { 200: answerSchema, ...problemResponses },
    },
    handler: async ({ sessionId, body: { phoneNumber }, id: requestId, traceparent }) => {
      const { status } = viewSession(await desired.want(sessionId, 'create'))
      if (status === 'ready')
        throw new Problem('already_paired', {
          members: { sessionId, sessionStatus: status, expected: 'waiting_qr' },
        })
      const pairing = await operations.ask({
        sessionId,
        name: 'pairing.request',
        input: { phoneNumber },
        requestId,
        traceparent,
        timeoutMs: WAIT_MS,
        satisfied: async () => isEnded(viewSession(await readSnapshot(redis, sessionId)).status),
      })
      return {
        ...toSessionAnswer(sessionId, await readSnapshot(redis, sessionId)),
        code: pairing?.code ?? null,
        expiresAt: pairing === null ? null : new Date(pairing.expiresAt).toISOString(),
        replacesPrevious: pairing?.replacesPrevious ?? false,
      }
    },
  })
}

function isEnded(status: string): boolean {
  return status === 'ready' || status === 'failed' || status === 'stopped'
}
