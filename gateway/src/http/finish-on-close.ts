import type { GatewayApp } from '../gateway-app.ts'

/**
 * Lets closing wait for nothing but the answers in flight: requests that wait for a worker answer with what is known
 * now, and their connections are not kept for another request, which Node would wait for.
 */
export function finishOnClose(app: GatewayApp, release: () => void): void {
  let closing = false
  app.addHook('preClose', async () => {
    closing = true
    release()
  })
  app.addHook('onSend', async (_request, reply) => {
    if (closing) reply.header('connection', 'close')
  })
}
