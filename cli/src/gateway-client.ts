import { UsageError } from './usage-error.ts'

export interface Asking {
  session?: string | undefined
  query?: Record<string, string | number | boolean | undefined>
  /** Sent as JSON. */
  body?: unknown
  /** Sent as it is, with its type. */
  stream?: { body: ReadableStream | Blob; type: string }
  headers?: Record<string, string | undefined>
  signal?: AbortSignal
}

export interface Answer {
  status: number
  body: Record<string, unknown>
}

/** What the gateway refused, in its own words. */
export class GatewayProblem extends Error {
  override readonly name = 'GatewayProblem'
  readonly status: number
  readonly body: Record<string, unknown>

  constructor(status: number, body: Record<string, unknown>) {
    super(String(body.error ?? `The gateway answered ${status}.`))
    this.status = status
    this.body = body
  }
}

/** Nothing answers, or not as a gateway does. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable'
}

/** Asks one gateway. */
export class GatewayClient {
  readonly url: string
  readonly #token: string

  constructor({ url, token }: { url: string; token: string }) {
    this.url = url.replace(/\/+$/, '')
    this.#token = token
  }

  /** @throws GatewayProblem, Unreachable */
  async ask(method: string, path: string, asking: Asking = {}): Promise<Answer> {
    const response = await this.open(method, path, asking)
    const text = await response.text()
    try {
      return { status: response.status, body: text === '' ? {} : JSON.parse(text) }
    } catch {
      throw new Unreachable(`What answers at ${this.url} is no gateway.`)
    }
  }

  async get(path: string, asking: Asking = {}): Promise<Record<string, unknown>> {
    return (await this.ask('GET', path, asking)).body
  }

  /**
   * Whether it is a sandbox. One whose page a proxy hides is taken for a real one.
   * @throws Unreachable; GatewayProblem where it cannot say so at the moment
   */
  async hasSimulatedPhones(): Promise<boolean> {
    try {
      const facts = await this.open('GET', '/dashboard/facts.json', {})
      return ((await facts.json()) as { hasSimulatedPhones: unknown }).hasSimulatedPhones === true
    } catch (error) {
      const isAway = error instanceof GatewayProblem && error.status >= 500
      if (isAway || error instanceof Unreachable) throw error
      return false
    }
  }

  /** For an answer that is read as it comes. @throws GatewayProblem, Unreachable */
  async open(
    method: string,
    path: string,
    { session, query = {}, body, stream, ...asking }: Asking,
  ): Promise<Response> {
    const url = new URL(`${this.url}${path}`)
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) url.searchParams.set(name, String(value))
    const headers = {
      authorization: `Bearer ${this.#token}`,
      ...(session !== undefined && { 'x-session-id': session }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(stream !== undefined && { 'content-type': stream.type }),
      ...Object.fromEntries(Object.entries(asking.headers ?? {}).filter(([, value]) => value !== undefined)),
    }
    const response = await fetch(url, {
      method,
      headers: headers as Record<string, string>,
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(stream !== undefined && { body: stream.body, duplex: 'half' }),
      ...(asking.signal !== undefined && { signal: asking.signal }),
    } as RequestInit).catch((error: Error & { cause?: Error & { code?: string } }) => {
      if (asking.signal?.aborted) throw error
      // Of what was to be sent.
      if (error.cause instanceof UsageError) throw error.cause
      throw new Unreachable(
        `The gateway at ${this.url} does not answer (${error.cause?.code ?? error.message}).`,
      )
    })
    if (response.ok) return response
    throw new GatewayProblem(response.status, await problemOf(response))
  }
}

async function problemOf(response: Response): Promise<Record<string, unknown>> {
  try {
    return (await response.json()) as Record<string, unknown>
  } catch {
    return { error: `The answer was ${response.status} ${response.statusText}, and not of the gateway.` }
  }
}
