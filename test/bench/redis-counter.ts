import type { Socket } from 'node:net'
import { RedisRelay } from '../support/redis-relay.ts'
import { labelOf } from './redis-command-label.ts'
import { readCommands } from './resp-commands.ts'

/** Between one program and Redis: counts what the program asks and how many connections it holds. */
export class RedisCounter extends RedisRelay implements AsyncDisposable {
  readonly #counts = new Map<string, number>()
  #open = 0

  static async start(redisUrl: string): Promise<RedisCounter> {
    return await new RedisCounter(Number(new URL(redisUrl).port)).listen()
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
    await this.close()
  }

  protected relay(client: Socket, redis: Socket): void {
    this.#open += 1
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
