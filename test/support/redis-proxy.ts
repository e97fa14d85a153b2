import type { Socket } from 'node:net'
import { RedisRelay } from './redis-relay.ts'

/** The wire between a gateway and Redis, which a test can break at an exact moment. */
export class RedisProxy extends RedisRelay {
  #isCut = false
  #fault: { answer: string; isLost: boolean; struck: () => void } | null = null

  static async start(redisPort: number): Promise<RedisProxy> {
    return await new RedisProxy(redisPort).listen()
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

  #strike(answer: string, isLost: boolean): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#fault = { answer, isLost, struck: resolve }
    return promise
  }

  protected relay(client: Socket, redis: Socket): void {
    if (this.#isCut) {
      client.destroy()
      return
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
      for (const socket of this.sockets) if (socket !== client) socket.destroy()
      client.end(chunk)
    }
    fault.struck()
  }
}
