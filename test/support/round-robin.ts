import { once } from 'node:events'
import {
  request as ask,
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

/**
 * A load balancer as plain as they come: each request goes to the next backend, or to the one after it where nobody
 * listens. What breaks once a backend has taken it is a 502, because whether it was carried out cannot be known.
 */
export class RoundRobin {
  readonly address: string
  readonly #server: Server
  readonly #backends: readonly string[]
  #turn = 0

  private constructor(server: Server, address: string, backends: readonly string[]) {
    this.#server = server
    this.address = address
    this.#backends = backends
    server.on('request', (request, response) => void this.#pass(request, response))
  }

  static async start(backends: readonly string[]): Promise<RoundRobin> {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new RoundRobin(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`, backends)
  }

  async close(): Promise<void> {
    this.#server.close()
    this.#server.closeAllConnections()
    await once(this.#server, 'close')
  }

  async #pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request)
    for (let attempts = 0; attempts < this.#backends.length; attempts++) {
      const backend = this.#backends[this.#turn++ % this.#backends.length] as string
      try {
        const answer = await passTo(backend, request, body)
        const { status, headers, content } = answer
        response.writeHead(status, headers).end(content)
        return
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ECONNREFUSED') break
      }
    }
    response.writeHead(502).end()
  }
}

async function passTo(backend: string, { method, url = '', headers }: IncomingMessage, body: Buffer) {
  const passed = ask(new URL(url, backend), {
    method: method ?? 'GET',
    headers: { ...headers, connection: 'close' },
    agent: false,
  })
  passed.end(body)
  const [answer] = (await once(passed, 'response')) as [IncomingMessage]
  const content = await buffer(answer)
  const { 'transfer-encoding': _chunked, connection: _connection, ...kept } = answer.headers
  return { status: answer.statusCode ?? 502, headers: kept, content }
}
