import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { reservePort } from './reserve-port.ts'

const MAIN = join(import.meta.dirname, '../../gateway/src/main.ts')

/** A gateway in a process of its own, beside those that a stack runs. */
export class GatewayProcess {
  readonly #env: Record<string, string>
  readonly #port: number
  #child: ChildProcess

  private constructor(env: Record<string, string>, port: number) {
    this.#env = env
    this.#port = port
    this.#child = this.#fork()
  }

  /** @param env what it needs: `REDIS_URL` and `API_TOKEN` */
  static async start(env: Record<string, string>): Promise<GatewayProcess> {
    const gateway = new GatewayProcess(env, await reservePort())
    await gateway.#untilListening()
    return gateway
  }

  get address(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  get pid(): number {
    return this.#child.pid as number
  }

  /** Resolves when it is gone. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#child
    if (child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill(signal)
    await gone
  }

  /** Starts it again at the same address, after `end`. */
  async startAgain(): Promise<void> {
    this.#child = this.#fork()
    await this.#untilListening()
  }

  #fork(): ChildProcess {
    const { PATH, HOME, NODE_COMPILE_CACHE } = process.env
    return fork(MAIN, {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      execArgv: [],
      env: { PATH, HOME, NODE_COMPILE_CACHE, LOG_LEVEL: 'warn', PORT: String(this.#port), ...this.#env },
    })
  }

  async #untilListening(): Promise<void> {
    const child = this.#child
    const ended = once(child, 'exit').then(([code]) => {
      throw new Error(`the gateway ended with code ${code} before it listened`)
    })
    await Promise.race([once(child, 'message'), ended])
    ended.catch(() => {})
  }
}
