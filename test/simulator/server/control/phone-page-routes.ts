import { readFileSync } from 'node:fs'
import { createRequire, stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import type { ControlParts } from './control-parts.ts'

const FOLDER = join(import.meta.dirname, '../../phone')
const JSQR = createRequire(import.meta.url).resolve('jsqr')

/** The phone page and the stream that tells it when something changed. */
export function phonePageRoutes(app: FastifyInstance, { pages }: ControlParts): void {
  const serve = (path: string, type: string, content: () => string) => {
    let cached: string | undefined
    app.get(path, (_request, reply) => {
      cached ??= content()
      return reply.type(type).send(cached)
    })
  }
  const file = (name: string) => () => readFileSync(join(FOLDER, name), 'utf8')
  const script = (name: string) => () => stripTypeScriptTypes(file(name)())

  serve('/', 'text/html; charset=utf-8', file('index.html'))
  serve('/phone.css', 'text/css; charset=utf-8', file('phone.css'))
  serve('/phone.js', 'text/javascript; charset=utf-8', script('phone.ts'))
  serve('/control-client.ts', 'text/javascript; charset=utf-8', script('control-client.ts'))
  serve('/read-qr-image.ts', 'text/javascript; charset=utf-8', script('read-qr-image.ts'))
  serve('/chat-view.ts', 'text/javascript; charset=utf-8', script('chat-view.ts'))
  serve('/jsqr.js', 'text/javascript; charset=utf-8', () => readFileSync(JSQR, 'utf8'))

  app.get('/events', (request, reply) => {
    reply.hijack()
    reply.raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    reply.raw.write('\n')
    const stop = pages.watch((numbers) => reply.raw.write(`data: ${JSON.stringify(numbers)}\n\n`))
    request.raw.on('close', stop)
  })
}
