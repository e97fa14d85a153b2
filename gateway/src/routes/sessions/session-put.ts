import { pacingChangesSchema } from '@wsg/shared/messages/pacing.ts'
import { forbiddenProxy, maskedProxy, proxyUrlSchema } from '@wsg/shared/net/proxy-address.ts'
import { setProxy } from '@wsg/shared/redis/session/proxy.ts'
import { type SettingAnswer, setPacing } from '@wsg/shared/redis/session/queue-settings.ts'
import { readSnapshot } from '@wsg/shared/redis/session/snapshot.ts'
import { z } from 'zod'
import type { GatewayApp } from '../../gateway-app.ts'
import type { GatewayParts } from '../../gateway-parts.ts'
import { invalidRequest, Problem, problemResponses } from '../../http/problem.ts'
import { sessionAnswerSchema, toSessionAnswer } from '../../sessions/session-answer.ts'

const body = z
  .strictObject({
    pacing: pacingChangesSchema
      .nullable()
      .optional()
      .describe(
        'How fast this session sends; what is left out of it, or null for all of it, is as configured.',
      ),
    proxy: proxyUrlSchema
      .nullable()
      .optional()
      .describe(
        'What this session goes through: an http, https or socks5 address, http and https ones with a user name and password where they are needed; null for none. Its browser is replaced where it changes. A session that is not there is made, stopped.',
      ),
  })
  .refine((given) => given.pacing !== undefined || given.proxy !== undefined, 'pacing or proxy must be given')
  .meta({ examples: [{ proxy: 'http://user:password@proxy.example:8080', pacing: { perMinute: 10 } }] })

export function sessionPutRoute(app: GatewayApp, { redis }: GatewayParts): void {
  app.route({
    method: 'PUT',
    url: '/session',
    config: { access: 'admin', session: true },
    schema: {
      operationId: 'session.update',
      summary:
        'Sets how fast a session sends, or its proxy, in place of what was set before; what is left out stays',
      body,
      response: {
        200: sessionAnswerSchema.extend({
          pacing: pacingChangesSchema
            .nullable()
            .optional()
            .describe('What this session changes of the configured pacing, where it was given.'),
          proxy: z
            .string()
            .nullable()
            .optional()
            .describe('Its proxy without the password, where it was given.'),
        }),
        ...problemResponses,
      },
    },
    handler: async ({ sessionId, grant, body: { pacing, proxy } }) => {
      const done = (written: SettingAnswer) => {
        if (written === 'not_found') throw new Problem('session_not_found', { members: { sessionId } })
        if (written === 'deleting') throw new Problem('session_deleting', { members: { sessionId } })
      }
      if (proxy !== undefined) {
        const stored = proxy === null ? null : { url: proxy, mayBePrivate: grant?.sessions === null }
        const forbidden = stored === null ? null : forbiddenProxy(stored)
        if (forbidden !== null) throw invalidRequest(`proxy: ${forbidden}`)
        done(await setProxy(redis, sessionId, stored))
      }
      if (pacing !== undefined) done(await setPacing(redis, sessionId, pacing))
      return {
        ...toSessionAnswer(sessionId, await readSnapshot(redis, sessionId)),
        ...(pacing !== undefined && { pacing }),
        ...(proxy !== undefined && { proxy: proxy === null ? null : maskedProxy(proxy) }),
      }
    },
  })
}
