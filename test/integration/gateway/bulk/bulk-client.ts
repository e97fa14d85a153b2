import { once } from 'node:events'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { GatewayUnderTest } from '../gateway-under-test.ts'

export const NDJSON = 'application/x-ndjson'

export interface LineAnswer {
  line?: number
  id?: string
  status?: string
  replayed?: true
  code?: string
  error?: string
  retryable?: boolean
  batchId?: string
  accepted?: number
}

/** One line of a batch. */
export function lineOf(number: number, more: object = {}): string {
  return `${JSON.stringify({ to: '5511999887766', message: `text ${number}`, ...more })}\n`
}

/** 1 to `count`. */
export function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i + 1)
}

/** The first `count` lines of a batch. */
export function linesUpTo(count: number): string {
  return upTo(count)
    .map((number) => lineOf(number))
    .join('')
}

/** An upload over a real socket, whose answers are read while its body is still being written. */
export class LiveUpload {
  readonly answers: LineAnswer[] = []
  status = 0
  /** Resolves when the answer ended, as it should or not. */
  readonly ended: Promise<void>
  readonly #request: ClientRequest

  private constructor(upload: ClientRequest) {
    this.#request = upload
    this.ended = this.#read().catch(() => {})
  }

  /** @param gateway one of this process, or the address of another */
  static async start(
    gateway: GatewayUnderTest | string,
    session: string,
    headers: Record<string, string> = {},
  ): Promise<LiveUpload> {
    const address = typeof gateway === 'string' ? gateway : await addressOf(gateway)
    const upload = request(`${address}/send/bulk`, {
      method: 'POST',
      headers: {
        authorization: 'Bearer token-of-the-tests',
        'x-session-id': session,
        'content-type': NDJSON,
        accept: NDJSON,
        ...headers,
      },
    })
    upload.on('error', () => {})
    return new LiveUpload(upload)
  }

  /** Resolves when the bytes left for the kernel. */
  async write(text: string): Promise<void> {
    if (!this.#request.write(text)) await once(this.#request, 'drain')
  }

  end(): void {
    this.#request.end()
  }

  /** Breaks the connection, as a client that dies. */
  cut(): void {
    this.#request.destroy()
  }

  async #read(): Promise<void> {
    const [response] = (await once(this.#request, 'response')) as [IncomingMessage]
    this.status = response.statusCode ?? 0
    let rest = ''
    for await (const chunk of response.setEncoding('utf8')) {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      this.answers.push(...lines.map((line) => JSON.parse(line) as LineAnswer))
    }
    if (rest !== '') this.answers.push(JSON.parse(rest) as LineAnswer)
  }
}

async function addressOf({ gateway: { app } }: GatewayUnderTest): Promise<string> {
  if (!app.server.listening) await app.listen({ host: '127.0.0.1', port: 0 })
  return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
}
