import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { labelOf } from './redis-command-label.ts'
import { readCommands } from './resp-commands.ts'

/** Between one program and Redis: counts what the program asks and how many connections it holds. */
export class RedisCounter implements AsyncDisposable {
  readonly #server: Server
  readonly #port: number
  readonly #sockets = new Set<Socket>()
  readonly #counts = new Map<string, number>()
  #open = 0

  private constructor(server: Server, port: number) {
    this.#server = server
    this.#port = port
    server.on('connection', (client) => this.#join(client))
  }

  static async start(redisUrl: string): Promise<RedisCounter> {
    const server = createServer()
    const counter = new RedisCounter(server, Number(new URL(redisUrl).port))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return counter
  }

  get url(): string {
    return `redis://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Connections that are open now. */
  get connections(): number {
    return this.#open
  }

  /** Commands so far, by what they are. Each is a round trip of its own, unless it travels with others. */
  commands(): Map<string, number> {
    return new Map(this.#counts)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #join(client: Socket): void {
    const redis = connect({ port: this.#port, host: '127.0.0.1', noDelay: true })
    client.setNoDelay(true)
    this.#open += 1
    for (const [one, other] of [
      [client, redis],
      [redis, client],
    ] as const) {
      this.#sockets.add(one)
      one.on('error', () => {})
      one.once('close', () => {
        this.#sockets.delete(one)
        other.destroy()
      })
    }
    client.once('close', () => {
      this.#open -= 1
    })
    let rest: Buffer = Buffer.alloc(0)
    client.on('data', (chunk: Buffer) => {
      redis.write(chunk)
      const read = readCommands(Buffer.concat([rest, chunk]))
      rest = read.rest
      for (const command of read.commands) {
        const label = labelOf(command)
        this.#counts.set(label, (this.#counts.get(label) ?? 0) + 1)
      }
    })
    redis.on('data', (chunk: Buffer) => client.write(chunk))
  }
}
