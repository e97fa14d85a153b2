import type { GatewayApp } from '../gateway-app.ts'
import { Problem } from './problem.ts'

/**
 * Answers 404 to an address that does not exist and 405 with `Allow` to one that exists under another method, before any
 * body is read. Fastify itself answers 404 to both, after reading the body. Must be registered before the routes.
 */
export function refuseUnknownAddresses(app: GatewayApp): void {
  const methodsOf = new Map<string, Set<string>>()
  app.addHook('onRoute', ({ url, method }) => {
    const methods = methodsOf.get(url) ?? new Set()
    for (const one of [method].flat()) methods.add(one)
    methodsOf.set(url, methods)
  })
  app.addHook('onRequest', (request, reply, done) => {
    if (!request.is404) return done()
    const path = request.url.split('?', 1)[0] as string
    const methods = [...methodsOf].find(([pattern]) => matches(pattern, path))?.[1]
    if (methods === undefined) throw new Problem('not_found')
    reply.header('allow', [...methods].sort().join(', '))
    throw new Problem('method_not_allowed')
  })
}

function matches(pattern: string, path: string): boolean {
  const wanted = pattern.split('/')
  const given = path.replace(/(?<=.)\/$/, '').split('/')
  return (
    wanted.length === given.length &&
    wanted.every((part, i) => (part.startsWith(':') ? given[i] !== '' : part === given[i]))
  )
}
