import type { GatewayApp } from '../gateway-app.ts'

/**
 * Bodies are JSON and nothing else; an empty one counts as none, since many clients name the type without
 * sending anything. Keys like `__proto__` are refused as broken JSON.
 */
export function acceptJsonOnly(app: GatewayApp): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body.trim() === '') done(null, undefined)
    else void parse(request, body, done)
  })
}
