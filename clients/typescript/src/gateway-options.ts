export interface GatewayOptions {
  /** Under which the gateway is reached, such as `http://localhost:3000`. */
  address: string
  token: string
  /** The session that requests concern. Left out for what concerns all. */
  session?: string
}

/** The headers of every request. */
export function headersOf({ token, session }: GatewayOptions): Record<string, string> {
  return { authorization: `Bearer ${token}`, ...(session !== undefined && { 'x-session-id': session }) }
}
