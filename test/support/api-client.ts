import { createGatewayClient, type GatewayClient, type SessionDetails } from '@wsg/client/src/client.ts'
import { holdToDocument } from './hold-to-document.ts'
import { waitFor } from './wait-for.ts'

export interface Answer {
  status: number
  headers: Headers
  /** The parsed body; text where it is not JSON. */
  body: Record<string, unknown>
  text: string
}

export interface RequestOptions {
  method?: string
  /** X-Session-Id; left out where absent. */
  session?: string
  /** Sent as JSON; a string is sent as it is. */
  body?: unknown
  headers?: Record<string, string>
  token?: string | null
}

/** Speaks HTTP to one gateway as a user would, and holds every answer against the OpenAPI document. */
export class ApiClient {
  readonly address: string
  readonly token: string

  constructor(address: string, token: string) {
    this.address = address
    this.token = token
  }

  async request(path: string, options: RequestOptions = {}): Promise<Answer> {
    const { method = 'GET', session, body, token = this.token } = options
    const response = await fetch(`${this.address}${path}`, {
      method,
      headers: {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(session === undefined ? {} : { 'x-session-id': session }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...options.headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    const contentType = response.headers.get('content-type') ?? ''
    const answer = { status: response.status, headers: response.headers, body: parse(text), text }
    holdToDocument({ method, path, status: response.status, contentType, body: answer.body })
    return answer
  }

  get(path: string, session?: string): Promise<Answer> {
    return this.request(path, session === undefined ? {} : { session })
  }

  post(path: string, session: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    return this.request(path, { method: 'POST', session, headers, ...(body === undefined ? {} : { body }) })
  }

  send(session: string, to: string, message: unknown, more: Record<string, unknown> = {}): Promise<Answer> {
    return this.post('/send', session, { to, message, ...more })
  }

  /** The typed client of one session, for what is asked as it should be. */
  of(session: string): GatewayClient {
    return createGatewayClient({ address: this.address, token: this.token, session })
  }

  /** Waits until the session says `status`, and returns the whole answer. */
  async until(
    session: string,
    status: SessionDetails['status'],
    timeoutMs = 30_000,
  ): Promise<SessionDetails> {
    return await waitFor(
      `session ${session} to be ${status}`,
      async () => {
        const { data, error } = await this.of(session).GET('/status')
        if (data?.status === status) return data
        throw new Error(`it is ${JSON.stringify(data ?? error)}`)
      },
      // A start takes seconds, and each look costs the gateway and this process 5 ms of a processor.
      { timeoutMs, everyMs: 100 },
    )
  }
}

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return {}
  }
}
