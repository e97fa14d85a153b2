import type { Socket } from 'node:net'
import { RedisRelay } from './redis-relay.ts'

type Effect = 'lost' | 'cut' | { says: string }

/** The wire between a gateway and Redis, which a test can break at an exact moment. */
export class RedisProxy extends RedisRelay {
  #isCut = false
  #fault: { answer: string; effect: Effect; struck: () => void } | null = null

  static async start(redisPort: number): Promise<RedisProxy> {
    return await new RedisProxy(redisPort).listen()
  }

  /** Breaks the connection in place of the next answer that contains `answer`. @returns when that happened */
  loseAnswer(answer: string): Promise<void> {
    return this.#strike(answer, 'lost')
  }

  /** Lets the next answer that contains `answer` pass, and nothing after it on any connection until `mend`. */
  cutAfterAnswer(answer: string): Promise<void> {
    return this.#strike(answer, 'cut')
  }

  /** Puts `says`, which has to be as long, in the place of `answer` in the next answer that contains it. @returns when that happened */
  falsifyAnswer(answer: string, says: string): Promise<void> {
    return this.#strike(answer, { says })
  }

  mend(): void {
    this.#isCut = false
  }

  #strike(answer: string, effect: Effect): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#fault = { answer, effect, struck: resolve }
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
    if (fault.effect === 'lost') {
      client.destroy()
    } else if (typeof fault.effect === 'object') {
      client.write(chunk.toString('latin1').replace(fault.answer, fault.effect.says), 'latin1')
    } else {
      this.#isCut = true
      for (const socket of this.sockets) if (socket !== client) socket.destroy()
      client.end(chunk)
    }
    fault.struck()
  }
}
