import { once } from 'node:events'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SimulatorClient } from '../support/simulator-client.ts'
import { forkProgram, type Program } from './program.ts'

const PROGRAM = join(import.meta.dirname, 'raw-client.ts')
/** The stock library waits for some things without a limit: where the page synced too early it never is ready. */
const STARTS_WITHIN_MS = 20_000
const SENDS_WITHIN_MS = 120_000
const CLOSES_WITHIN_MS = 5_000
const TRIES = 3

export type RawCommand =
  | { do: 'qr' | 'restart' | 'close' }
  | { do: 'scan'; url: string; phone: string }
  /** Ends at `count` messages or after `forMs`, whichever comes first. */
  | { do: 'send'; to: string[]; text: string; count: number; forMs: number }
  | { do: 'read'; what: RawRead }
  | { do: 'sendFile'; to: string[]; path: string; mimetype: string; count: number }

/** What the stock library gives of an account; it has no pages. */
export type RawRead =
  | { call: 'getChats' | 'getContacts' }
  | { call: 'getChatById'; chatId: string }
  /** The newest ones of a chat. */
  | { call: 'fetchMessages'; chatId: string; limit: number }

export type RawResult = { values: number[] } | { error: string }

/** What it runs on, where that is not to be the usual. */
export interface RawPrograms {
  node?: string
  chromium?: string
}

/** One stock whatsapp-web.js client in a process of its own: what the product is compared with. */
export class RawSession implements AsyncDisposable {
  readonly #program: Program
  readonly #folder: string
  readonly #simulator: SimulatorClient

  private constructor(program: Program, simulator: SimulatorClient, folder: string) {
    this.#program = program
    this.#folder = folder
    this.#simulator = simulator
  }

  static async start(simulator: SimulatorClient, { node, chromium }: RawPrograms = {}): Promise<RawSession> {
    const folder = await mkdtemp(join(tmpdir(), 'raw-'))
    const env = {
      RAW_FOLDER: folder,
      RAW_CHROMIUM_ARGS: JSON.stringify(simulator.chromiumArgs),
      ...(chromium !== undefined && { RAW_EXECUTABLE: chromium }),
    }
    const program = forkProgram(PROGRAM, env, node)
    await once(program.child, 'spawn')
    return new RawSession(program, simulator, folder)
  }

  /** Started, and scanned with this phone; again where the library never came to be ready. */
  static async paired(
    simulator: SimulatorClient,
    phone: string,
    programs: RawPrograms = {},
  ): Promise<RawSession> {
    for (let tries = 1; ; tries++) {
      const session = await RawSession.start(simulator, programs)
      try {
        await session.untilQr()
        await session.scan(phone)
        return session
      } catch (error) {
        await session[Symbol.asyncDispose]()
        if (tries === TRIES) throw error
      }
    }
  }

  get pid(): number {
    return this.#program.pid
  }

  /** Starts the browser. @returns ms until the first code */
  async untilQr(): Promise<number> {
    return (await this.#tell({ do: 'qr' }, STARTS_WITHIN_MS))[0] as number
  }

  async scan(phone: string): Promise<void> {
    await this.#tell({ do: 'scan', url: this.#simulator.url, phone }, STARTS_WITHIN_MS)
  }

  /** @returns ms from closing the browser to `ready` */
  async restart(): Promise<number> {
    return (await this.#tell({ do: 'restart' }, STARTS_WITHIN_MS))[0] as number
  }

  /** @returns of each message the ms until its ack */
  async send(to: string[], text: string, limit: { count?: number; forMs?: number }): Promise<number[]> {
    const { count = Number.MAX_SAFE_INTEGER, forMs = SENDS_WITHIN_MS } = limit
    return await this.#tell({ do: 'send', to, text, count, forMs }, SENDS_WITHIN_MS)
  }

  /** As `MessageMedia`, from memory. @returns of each message the ms until its ack */
  async sendFile(
    to: string[],
    { mimetype, bytes, count }: { mimetype: string; bytes: Buffer; count: number },
  ): Promise<number[]> {
    const path = join(this.#folder, 'file')
    await writeFile(path, bytes)
    return await this.#tell({ do: 'sendFile', to, path, mimetype, count }, SENDS_WITHIN_MS)
  }

  /** @returns the ms until the library has given all of it */
  async read(what: RawRead): Promise<number> {
    return (await this.#tell({ do: 'read', what }, SENDS_WITHIN_MS))[0] as number
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#program.isRunning) await this.#tell({ do: 'close' }, CLOSES_WITHIN_MS).catch(() => {})
    await this.#program.kill()
  }

  async #tell(command: RawCommand, withinMs: number): Promise<number[]> {
    const { child } = this.#program
    const answered = new AbortController()
    const limit = setTimeout(() => answered.abort(), withinMs)
    try {
      const answer = once(child, 'message', { signal: answered.signal }) as Promise<[RawResult]>
      child.send(command)
      const [result] = await answer
      if ('error' in result) throw new Error(`raw whatsapp-web.js, ${command.do}: ${result.error}`)
      return result.values
    } catch (error) {
      if (!answered.signal.aborted) throw error
      throw new Error(`raw whatsapp-web.js, ${command.do}: nothing within ${withinMs / 1_000} s`)
    } finally {
      clearTimeout(limit)
    }
  }
}
