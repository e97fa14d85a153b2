import { eventNames } from '@wsg/shared/events/events.ts'
import { z } from 'zod'
import type { GatewayApp } from '../../gateway-app.ts'
import type { GatewayParts } from '../../gateway-parts.ts'
import { problemResponses } from '../../http/problem.ts'
import { chatFilterSchema } from '../../webhooks/webhook.ts'
import { scopeOf } from '../../webhooks/webhook-store.ts'

const list = z.string().transform((text) => text.split(',').map((one) => one.trim()))

const querystring = z.object({
  types: list
    .pipe(z.array(z.enum([...eventNames, '*'])))
    .default(['*'])
    .describe('Names of events, separated by commas; all without it.'),
  chats: list
    .pipe(chatFilterSchema)
    .default([])
    .describe(
      'Phone numbers or chat ids, separated by commas. Events that concern no chat come all the same.',
    ),
})

const headers = z.looseObject({
  'last-event-id': z
    .string()
    .regex(/^\d{1,16}-\d{1,16}$/, 'must be the `id` of an event of this stream')
    .optional()
    .describe('The `id` of the last event that was taken; what follows it is given first.'),
})

export function eventsRoute(app: GatewayApp, { streams, desired }: GatewayParts): void {
  app.addHook('preClose', async () => streams.close())
  app.route({
    method: 'GET',
    url: '/events',
    config: { access: 'viewer', session: 'optional' },
    schema: {
      operationId: 'event.stream',
      summary: 'Events as they happen, as server-sent events; of one session, or of all',
      produces: ['text/event-stream'],
      querystring,
      headers,
      response: { 200: z.string(), ...problemResponses },
    },
    handler: async ({ sessionId, grant, query, headers: given }, reply) => {
      if (sessionId !== '') await desired.known(sessionId, grant)
      const scope = scopeOf(sessionId)
      const newest = await streams.newest(scope)
      reply.hijack()
      reply.raw.writeHead(200, {
        ...(reply.getHeaders() as Record<string, string>),
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        // Nginx holds an answer back until there is more of it.
        'x-accel-buffering': 'no',
      })
      await streams.serve(reply.raw, {
        scope,
        events: query.types,
        chats: query.chats,
        after: given['last-event-id'] ?? newest,
      })
    },
  })
}
