import type { GatewayApp } from '../gateway-app.ts'

export function openapiRoute(app: GatewayApp): void {
  app.route({
    method: 'GET',
    url: '/openapi.json',
    config: { access: 'viewer' },
    schema: { hide: true },
    handler: async () => app.swagger(),
  })
}
