import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** The wire between a gateway and Redis, which a test can break at an exact moment. */
export class RedisProxy {
  readonly #server: Server
  readonly #redisPort: number
  readonly #sockets = new Set<Socket>()
  #isCut = false
  #fault: { answer: string; isLost: boolean; struck: () => void } | null = null

  private constructor(server: Server, redisPort: number) {
    this.#server = server
    this.#redisPort = redisPort
    server.on('connection', (client) => this.#join(client))
  }

  static async start(redisPort: number): Promise<RedisProxy> {
    const proxy = new RedisProxy(createServer(), redisPort)
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
  }

  get url(): string {
    return `redis://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Breaks the connection in place of the next answer that contains `answer`. @returns when that happened */
  loseAnswer(answer: string): Promise<void> {
    return this.#strike(answer, true)
  }

  /** Lets the next answer that contains `answer` pass, and nothing after it on any connection until `mend`. */
  cutAfterAnswer(answer: string): Promise<void> {
    return this.#strike(answer, false)
  }

  mend(): void {
    this.#isCut = false
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #strike(answer: string, isLost: boolean): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#fault = { answer, isLost, struck: resolve }
    return promise
  }

  #join(client: Socket): void {
    if (this.#isCut) {
      client.destroy()
      return
    }
    const redis = connect(this.#redisPort, '127.0.0.1')
    for (const [one, other] of [
      [client, redis],
      [redis, client],
    ] as const) {
      this.#sockets.add(one)
      one.on('error', () => {})
      one.on('close', () => {
        this.#sockets.delete(one)
        other.destroy()
      })
    }
    client.on('data', (chunk) => void (this.#isCut || redis.write(chunk)))
    redis.on('data', (chunk) => this.#pass(chunk, client))
  }

  #pass(chunk: Buffer, client: Socket): void {
    if (this.#isCut) return
    const fault = this.#fault
    if (fault === null || !chunk.includes(fault.answer)) {
      client.write(chunk)
      return
    }
    this.#fault = null
    if (fault.isLost) {
      client.destroy()
    } else {
      this.#isCut = true
      for (const socket of this.#sockets) if (socket !== client) socket.destroy()
      client.end(chunk)
    }
    fault.struck()
  }
}
