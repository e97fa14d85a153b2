import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ApiClient } from './api-client.ts'
import { pair } from './pair.ts'
import { browsersOn, descendants, isAlive, listProcesses, type ProcessEntry } from './processes.ts'
import { SimulatorClient } from './simulator-client.ts'
import { type Supervisor, startSupervisor } from './supervisor.ts'
import { waitFor } from './wait-for.ts'

export interface StackOptions {
  /** Settings of the simulated WhatsApp. */
  simulator?: Record<string, unknown>
  /** More variables for `npm start`. */
  env?: Record<string, string>
  /** With its converter, a process that tests of other things have no use for. */
  converter?: boolean
}

/** Of a converter that runs elsewhere, so that the product starts none; nobody listens there. */
const NO_CONVERTER = { CONVERTER_URL: 'http://127.0.0.1:9' }

/**
 * The whole product on one machine, as `npm start` runs it, with a simulated WhatsApp beside it. The simulator
 * and the data folder outlive `stop` and `killEverything`, so that a later `start` finds what was there.
 */
export class Stack {
  readonly simulator: SimulatorClient
  readonly dataDir: string
  readonly #env: Record<string, string>
  #supervisor: Supervisor | null = null
  #api: ApiClient | null = null

  private constructor(simulator: SimulatorClient, dataDir: string, env: Record<string, string>) {
    this.simulator = simulator
    this.dataDir = dataDir
    this.#env = env
  }

  static async start({ simulator = {}, env = {}, converter = false }: StackOptions = {}): Promise<Stack> {
    const dataDir = await mkdtemp(join(tmpdir(), 'stack-'))
    await chmod(dataDir, 0o711) // root's browsers run as nobody
    const given = { ...(converter ? {} : NO_CONVERTER), ...env }
    const stack = new Stack(await SimulatorClient.start(simulator), dataDir, given)
    await stack.start()
    return stack
  }

  get api(): ApiClient {
    if (this.#api === null) throw new Error('the stack is not running')
    return this.#api
  }

  get supervisorPid(): number {
    if (this.#supervisor === null) throw new Error('the stack is not running')
    return this.#supervisor.pid
  }

  profilePath(session: string): string {
    return join(this.dataDir, '.wwebjs_auth', `session-${session}`)
  }

  /** Starts the product on the same data folder, and waits until it says where it listens. */
  async start(env: Record<string, string> = {}): Promise<void> {
    this.#supervisor = await startSupervisor([], {
      DATA_DIR: this.dataDir,
      PORT: '0',
      MAX_SESSIONS: '4',
      CHROMIUM_ARGS: this.simulator.chromiumArgs.map((arg) => (/\s/.test(arg) ? `'${arg}'` : arg)).join(' '),
      ...this.#env,
      ...env,
    })
    const address = await this.#supervisor.printed(/^Address: (\S+)$/m)
    this.#api = new ApiClient(address, await this.#supervisor.printed(/^Token: (\S+)$/m))
  }

  /** What the product printed since it was started, its log included. */
  get output(): string {
    return this.#supervisor?.output ?? ''
  }

  /** Ctrl-C. @returns the exit code */
  async stop(): Promise<number | null> {
    const supervisor = this.#supervisor
    this.#supervisor = null
    this.#api = null
    return supervisor === null ? null : await supervisor.interrupt()
  }

  /** kill -9 of the supervisor and of every process below it, at once. */
  async killEverything(): Promise<void> {
    const pid = this.supervisorPid
    const victims = [pid, ...this.processes().map((entry) => entry.pid)]
    for (const victim of victims) kill(victim, 'SIGKILL')
    await waitFor('every process to be gone', () => victims.every((victim) => !isAlive(victim)))
    this.#supervisor = null
    this.#api = null
  }

  /** Every living process of the product but the supervisor. */
  processes(): ProcessEntry[] {
    return descendants(listProcesses(), [this.supervisorPid])
  }

  workers(): ProcessEntry[] {
    return this.processes().filter(({ command }) =>
      command.some((word) => word.endsWith('worker/src/main.ts')),
    )
  }

  gateway(): ProcessEntry {
    const gateway = this.processes().find(({ command }) =>
      command.some((word) => word.endsWith('gateway/src/main.ts')),
    )
    if (gateway === undefined) throw new Error('there is no gateway process')
    return gateway
  }

  /** The browser of a session. @throws where there is none, or more than one */
  browserOf(session: string): ProcessEntry {
    const browsers = browsersOn(this.profilePath(session))
    if (browsers.length !== 1) throw new Error(`${browsers.length} browsers hold the profile of ${session}`)
    return browsers[0] as ProcessEntry
  }

  /** The worker that owns a session: the parent of its browser. */
  workerOf(session: string): ProcessEntry {
    const { parent } = this.browserOf(session)
    const worker = this.workers().find(({ pid }) => pid === parent)
    if (worker === undefined) throw new Error(`the browser of ${session} has no worker as its parent`)
    return worker
  }

  /** Waits until the session is ready in a browser other than `before`, which was killed. */
  async untilBack(session: string, before: number): Promise<void> {
    await waitFor(
      `session ${session} to be back`,
      async () => {
        const { body } = await this.api.get('/status', session)
        return body.status === 'ready' && this.browserOf(session).pid !== before
      },
      { timeoutMs: 60_000, everyMs: 100 },
    )
  }

  /** Asks for a QR, lets `phone` scan it, and waits until the session is ready. */
  async pair(session: string, phone: string): Promise<void> {
    await pair(this, session, phone)
  }

  /** Stops everything, removes the data, and fails where a process was left over. */
  async close(): Promise<void> {
    const below = this.#supervisor === null ? [] : this.processes()
    await this.stop()
    const left = below.filter(({ pid }) => isAlive(pid))
    for (const { pid } of left) kill(pid, 'SIGKILL')
    await this.simulator.close()
    await rm(this.dataDir, { recursive: true, force: true })
    if (left.length > 0)
      throw new Error(`left over: ${left.map(({ command }) => command.slice(0, 3).join(' ')).join('; ')}`)
  }
}

export function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // it is gone already
  }
}
