import { phoneNumberSchema } from '@wsg/shared/messages/recipient.ts'
import { request } from 'undici'
import { z } from 'zod'
import type { GatewayApp } from '../gateway-app.ts'
import { Problem } from '../http/problem.ts'

const ANSWERS_WITHIN_MS = 10_000

/**
 * What a person does on a simulated phone, in the sandbox alone: links it to a session by the `qr` of `GET /qr` or the
 * `code` of `POST /pairing-code`, writes to it, and takes it out of the network. The page asks for no address but its own, so it is asked for here.
 * @param simulatorUrl where the simulator takes such requests
 */
export function simulatedPhoneRoutes(app: GatewayApp, simulatorUrl: string): void {
  const route = (url: string, path: string, body: z.ZodObject) =>
    app.route({
      method: 'POST',
      url: `/dashboard/simulated-phone/${url}`,
      config: { access: 'admin' },
      schema: { hide: true, body },
      handler: async ({ body }) => await askSimulator(new URL(path, simulatorUrl), body),
    })
  const code = z.string().optional()
  route('scan', 'scan', z.strictObject({ qr: code, code, phone: phoneNumberSchema }))
  route('away', 'settings', z.strictObject({ away: z.array(phoneNumberSchema) }))
  route(
    'write',
    'inbound',
    z.strictObject({ account: phoneNumberSchema, from: phoneNumberSchema, body: z.string().min(1) }),
  )
}

async function askSimulator(url: URL, body: unknown): Promise<object> {
  const answer = await request(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(ANSWERS_WITHIN_MS),
  })
  const told = (await answer.body.json()) as { error?: string }
  if (answer.statusCode >= 400)
    throw new Problem('invalid_request', {
      sentence: `The simulated phone refused: ${told.error ?? answer.statusCode}`,
    })
  return {}
}
