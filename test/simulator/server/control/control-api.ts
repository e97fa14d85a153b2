import Fastify, { type FastifyInstance } from 'fastify'
import { z } from 'zod'
import { Refusal } from '../group-office.ts'
import { actRoutes } from './act-routes.ts'
import { chatRoutes } from './chat-routes.ts'
import type { ControlParts } from './control-parts.ts'
import { faultRoutes } from './fault-routes.ts'
import { groupRoutes } from './group-routes.ts'
import { phonePageRoutes } from './phone-page-routes.ts'
import { phoneRoutes } from './phone-routes.ts'
import { recordRoutes } from './record-routes.ts'
import { settingsRoutes } from './settings-routes.ts'

/** The control API: what a person does on a phone, and what a test wants to know or to break. Loopback only. */
export function controlApi(parts: ControlParts): FastifyInstance {
  const app = Fastify({ logger: false, forceCloseConnections: true })

  // An empty body is as good as {}: most requests here have nothing that they must say.
  app.removeContentTypeParser('application/json')
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, body === '' ? {} : JSON.parse(String(body)))
    } catch {
      done(Object.assign(new Error('the body is no JSON'), { statusCode: 400 }))
    }
  })
  app.setErrorHandler((error, _request, reply) => {
    if (error instanceof z.ZodError) return reply.code(400).send({ error: z.prettifyError(error) })
    if (error instanceof Refusal) return reply.code(error.code).send({ error: error.message })
    const { statusCode = 500, message } = error as { statusCode?: number; message: string }
    return reply.code(statusCode).send({ error: message })
  })
  app.setNotFoundHandler((request, reply) =>
    reply.code(404).send({ error: `there is no ${request.method} ${request.url.split('?')[0]}` }),
  )

  phoneRoutes(app, parts)
  actRoutes(app, parts)
  chatRoutes(app, parts)
  groupRoutes(app, parts)
  recordRoutes(app, parts)
  faultRoutes(app, parts)
  settingsRoutes(app, parts)
  phonePageRoutes(app, parts)
  return app
}
