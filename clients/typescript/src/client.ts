import createClient, { type Client } from 'openapi-fetch'
import type { paths } from './schema.ts'

export { type EventsOptions, GatewayError, readEvents, type StreamedEvent } from './events.ts'
export type * from './schema.ts'

export interface GatewayOptions {
  /** Under which the gateway is reached, such as `http://localhost:3000`. */
  address: string
  token: string
  /** The session that requests concern. Left out for what concerns all. */
  session?: string
}

export type GatewayClient = Client<paths>

/**
 * A client for one session, or for what concerns all. An answer is `{ data, response }`, an error of the gateway
 * `{ error, response }`; it throws where the gateway cannot be reached.
 */
export function createGatewayClient(options: GatewayOptions): GatewayClient {
  return createClient<paths>({ baseUrl: options.address, headers: headersOf(options) })
}

export function headersOf({ token, session }: GatewayOptions): Record<string, string> {
  return { authorization: `Bearer ${token}`, ...(session !== undefined && { 'x-session-id': session }) }
}
