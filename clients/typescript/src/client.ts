import createClient, { type Client } from 'openapi-fetch'
import { type GatewayOptions, headersOf } from './gateway-options.ts'
import type { paths } from './schema.ts'

export { type EventsOptions, GatewayError, readEvents, type StreamedEvent } from './events.ts'
export type { GatewayOptions } from './gateway-options.ts'
export type * from './schema.ts'

export type GatewayClient = Client<paths>

/**
 * A client for one session, or for what concerns all. An answer is `{ data, response }`, an error of the gateway
 * `{ error, response }`; it throws where the gateway cannot be reached.
 */
export function createGatewayClient(options: GatewayOptions): GatewayClient {
  return createClient<paths>({ baseUrl: options.address, headers: headersOf(options) })
}
