/** Where the token is in `sessionStorage`: kept for this tab alone, and gone with it. */
export const TOKEN_KEY = 'token'

/** An error as the gateway tells it (`application/problem+json`). */
export interface ProblemBody {
  error: string
  code?: string
  detail?: string
  requestId?: string
  /** Of a message that was accepted, and is answered as an error. */
  messageStatus?: string
}

/** A request was refused, or could not be made at all (`status` 0). */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem'
  readonly status: number
  readonly body: ProblemBody

  constructor(status: number, body: ProblemBody) {
    super(body.error)
    this.status = status
    this.body = body
  }
}

export interface Asking {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** X-Session-Id. */
  session?: string | undefined
  /** Sent as JSON; a form as it is. */
  body?: unknown
  query?: Readonly<Record<string, string | number | undefined>>
  headers?: Readonly<Record<string, string>>
  signal?: AbortSignal
}

/** The gateway that served this page, asked with one token. The token goes into a header and nowhere else. */
export class Api {
  readonly #token: string
  readonly #onUnauthorized: () => void
  #clockAheadMs = 0

  constructor(token: string, onUnauthorized: () => void = () => {}) {
    this.#token = token
    this.#onUnauthorized = onUnauthorized
  }

  /** The address of the API: the folder of this page, whatever a proxy calls it. Without a slash at its end. */
  static get base(): string {
    return new URL('.', document.baseURI).href.replace(/\/$/, '')
  }

  /** The time of the gateway (epoch ms), to about a second, whatever the clock of this machine says. */
  now(): number {
    return Date.now() + this.#clockAheadMs
  }

  /** @throws ApiProblem */
  async ask<T>(path: string, asking: Asking = {}): Promise<T> {
    const response = await this.open(path, asking)
    const text = await response.text()
    const isJson = /json/.test(response.headers.get('content-type') ?? '')
    return (isJson ? JSON.parse(text) : text) as T
  }

  /** The answer, whose body is still to be read. @throws ApiProblem */
  async open(path: string, asking: Asking = {}): Promise<Response> {
    const { method = 'GET', session, body, query = {}, headers = {}, signal } = asking
    const url = new URL(`${Api.base}${path}`)
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined && value !== '') url.searchParams.set(name, String(value))
    }
    const isForm = body instanceof FormData || body instanceof Blob
    const response = await fetch(url, {
      method,
      cache: 'no-store',
      headers: {
        authorization: `Bearer ${this.#token}`,
        ...(session !== undefined && { 'x-session-id': session }),
        ...(body !== undefined && !isForm && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: isForm ? body : JSON.stringify(body) }),
      ...(signal !== undefined && { signal }),
    }).catch((error: unknown) => {
      if (signal?.aborted) throw error
      throw new ApiProblem(0, { error: 'The gateway cannot be reached. It is tried again by itself.' })
    })
    const date = Date.parse(response.headers.get('date') ?? '')
    if (!Number.isNaN(date)) this.#clockAheadMs = date - Date.now()
    if (response.ok) return response
    const problem = await problemOf(response)
    if (response.status === 401) this.#onUnauthorized()
    throw problem
  }
}

async function problemOf(response: Response): Promise<ApiProblem> {
  const { status, statusText } = response
  const body = await response.json().catch(() => null)
  return new ApiProblem(status, (body as ProblemBody | null) ?? { error: `${status} ${statusText}` })
}
