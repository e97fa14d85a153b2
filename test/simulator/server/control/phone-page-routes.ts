import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { formFields } from '../../../../gateway/src/dashboard/form-fields.ts'
import { listPageFiles, readAsBrowserCode } from '../../../../gateway/src/dashboard/page-files.ts'
import type { ControlParts } from './control-parts.ts'
import { contentShape } from './phone-content.ts'

const FOLDER = join(import.meta.dirname, '../../phone')
const JSQR = createRequire(import.meta.url).resolve('jsqr')
/** Addresses are the paths of the repository, so that modules find each other as they do there. */
const PHONE = '/test/simulator/phone/'
const DASHBOARD = '/gateway/src/dashboard/page/'

const { location, contact, poll, event } = contentShape
/** What can be written beside a text and a file, with the fields that are asked for. */
const KINDS = Object.fromEntries(
  Object.entries({ location, contact, poll, event }).map(([name, schema]) => [
    name,
    formFields(schema.unwrap()),
  ]),
)

/** The phone page, made of the same parts as the dashboard, and the stream that tells it when something changed. */
export function phonePageRoutes(app: FastifyInstance, { pages }: ControlParts): void {
  const serve = (path: string, type: string, content: () => string) => {
    let cached: string | undefined
    app.get(path, (_request, reply) => {
      cached ??= content()
      return reply.type(type).send(cached)
    })
  }
  const file = (name: string) => () => readFileSync(join(FOLDER, name), 'utf8')

  serve('/', 'text/html; charset=utf-8', file('index.html'))
  serve(`${PHONE}phone.css`, 'text/css; charset=utf-8', file('phone.css'))
  for (const name of readdirSync(FOLDER).filter((one) => one.endsWith('.ts')))
    serve(`${PHONE}${name}`, 'text/javascript; charset=utf-8', () =>
      readAsBrowserCode(join(FOLDER, name), DASHBOARD),
    )
  for (const { path, type, body } of listPageFiles()) serve(`${DASHBOARD}${path}`, type, body)
  serve('/jsqr.js', 'text/javascript; charset=utf-8', () => readFileSync(JSQR, 'utf8'))
  app.get('/phone-kinds', () => KINDS)

  app.get('/events', (request, reply) => {
    reply.hijack()
    reply.raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    reply.raw.write('\n')
    const stop = pages.watch((numbers) => reply.raw.write(`data: ${JSON.stringify(numbers)}\n\n`))
    request.raw.on('close', stop)
  })
}
