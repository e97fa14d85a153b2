import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** Stands between a program and Redis: opens one connection to Redis for each of the program's, and ends both together. */
export abstract class RedisRelay {
  /** Those that are open, on both sides. */
  protected readonly sockets = new Set<Socket>()
  readonly #server = createServer({ noDelay: true })
  readonly #redisPort: number

  protected constructor(redisPort: number) {
    this.#redisPort = redisPort
    this.#server.on('connection', (client) => this.#join(client))
  }

  get url(): string {
    return `redis://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  /** Passes on what comes from either side of a new connection. */
  protected abstract relay(client: Socket, redis: Socket): void

  protected async listen(): Promise<this> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening')
    return this
  }

  #join(client: Socket): void {
    const redis = connect({ port: this.#redisPort, host: '127.0.0.1', noDelay: true })
    for (const [one, other] of [
      [client, redis],
      [redis, client],
    ] as const) {
      this.sockets.add(one)
      one.on('error', () => {})
      one.once('close', () => {
        this.sockets.delete(one)
        other.destroy()
      })
    }
    this.relay(client, redis)
  }
}
