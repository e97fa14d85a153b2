import { z } from 'zod'
import type { GatewayApp } from '../../gateway-app.ts'
import { problemResponses } from '../../http/problem.ts'

/** Whether this process runs. It looks at nothing else: restarting a gateway does not bring Redis back. */
export function livezRoute(app: GatewayApp): void {
  app.route({
    method: 'GET',
    url: '/livez',
    config: { access: 'public' },
    schema: {
      operationId: 'service.livez',
      summary: 'Is the process alive',
      response: { 200: z.object({ status: z.literal('ok') }), ...problemResponses },
    },
    handler: async () => ({ status: 'ok' as const }),
  })
}
