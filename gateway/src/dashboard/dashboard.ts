import { hash } from 'node:crypto'
import type { GatewayApp } from '../gateway-app.ts'
import type { GatewayParts } from '../gateway-parts.ts'
import { factsOf } from './facts.ts'
import { listPageFiles, listSwaggerUiFiles } from './page-files.ts'
import { simulatedPhoneRoutes } from './simulated-phone.ts'

/** Nothing but this gateway's own files runs, is shown or is asked. Pictures of QR codes come as data. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "object-src 'none'",
].join('; ')

const HEADERS = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  // Asked for again each time, and answered with 304 where it did not change: what is loaded is of one version.
  'cache-control': 'no-cache',
}

/** Files that are not below `/dashboard/`. */
const elsewhere: Partial<Record<string, string>> = { 'docs.html': '/docs', 'llms.txt': '/llms.txt' }

/**
 * Serves the dashboard at `/`, the API to read and to try at `/docs`, and what both load below `/dashboard/`. Every address in them is
 * relative, so that they work below any path of a proxy. They need no token: they hold nothing that is secret.
 */
export function dashboardRoutes(app: GatewayApp, { simulatorUrl }: Pick<GatewayParts, 'simulatorUrl'>): void {
  const files = [...listPageFiles(), ...listSwaggerUiFiles()]
  const preloads = files
    .filter(({ path }) => path.endsWith('.ts') && path !== 'docs.ts')
    .map(({ path }) => `<link rel="modulepreload" href="dashboard/${path}">`)
  for (const { path, type, body } of files) {
    if (path === 'index.html')
      serve(app, '/', type, () => body().replace('<!-- modules -->', preloads.join('')))
    else serve(app, elsewhere[path] ?? `/dashboard/${path}`, type, body)
  }
  const facts = JSON.stringify(factsOf(simulatorUrl !== null))
  serve(app, '/dashboard/facts.json', 'application/json', () => facts)
  if (simulatorUrl !== null) simulatedPhoneRoutes(app, simulatorUrl)
}

function serve(app: GatewayApp, url: string, type: string, content: () => string): void {
  let etag: string | undefined
  app.route({
    method: 'GET',
    url,
    config: { access: 'public' },
    schema: { hide: true },
    handler: async ({ headers, url: asked }, reply) => {
      // With a slash at its end all that it names would be looked for one folder too deep.
      if (asked === '/docs/') return reply.redirect('../docs', 308)
      const body = content()
      etag ??= `"${hash('sha256', body).slice(0, 16)}"`
      reply.headers({ ...HEADERS, etag })
      if (headers['if-none-match'] === etag) return reply.code(304).send()
      return reply.type(type).serializer(String).send(body)
    },
  })
}
