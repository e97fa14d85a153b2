import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface WireMessage {
  /** Fields of its kind beside the body. */
  extras?: Record<string, unknown>
  id: string
  from: string
  to: string
  body: string
  copies: number
  /** Copies that were handed to the addressee. */
  delivered: number
  ack: number
}

const MAIN = join(import.meta.dirname, '../simulator/main.ts')

/** A simulated WhatsApp in a process, or a container, of its own: it stays when the product under test is killed. */
export class SimulatorClient {
  readonly url: string
  readonly chromiumArgs: string[]
  readonly #own: { process: ChildProcess; dataDir: string } | null

  private constructor(
    url: string,
    chromiumArgs: string[],
    own: { process: ChildProcess; dataDir: string } | null,
  ) {
    this.url = url
    this.chromiumArgs = chromiumArgs
    this.#own = own
  }

  /** One that somebody else has started, and ends. */
  static at(url: string): SimulatorClient {
    return new SimulatorClient(url, [], null)
  }

  static async start(settings: Record<string, unknown> = {}): Promise<SimulatorClient> {
    const dataDir = await mkdtemp(join(tmpdir(), 'simulator-'))
    const child = fork(MAIN, ['--data', dataDir], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
    const line = await new Promise<string>((resolve, reject) => {
      let text = ''
      child.stdout?.on('data', (chunk: Buffer) => {
        text += chunk.toString()
        if (text.includes('\n')) resolve(text)
      })
      child.once('exit', (code) => reject(new Error(`the simulator ended with code ${code}`)))
    })
    const { url, chromiumArgs } = JSON.parse(line) as { url: string; chromiumArgs: string[] }
    const simulator = new SimulatorClient(url, chromiumArgs, { process: child, dataDir })
    if (Object.keys(settings).length > 0) await simulator.set(settings)
    return simulator
  }

  async set(settings: Record<string, unknown>): Promise<void> {
    await this.post('/settings', settings)
  }

  /** The phone scans a QR code, or types a pairing code. */
  async scan(request: { qr: string; phone: string } | { code: string; phone: string }): Promise<void> {
    await this.post('/scan', request)
  }

  /** The phone unlinks its devices. @returns how many there were */
  async logout(account: string): Promise<number> {
    return ((await this.post('/logout', { account })) as { loggedOut: number }).loggedOut
  }

  async conflict(account: string): Promise<void> {
    await this.post('/conflict', { account })
  }

  async drop(account?: string): Promise<void> {
    await this.post('/drop', account === undefined ? {} : { account })
  }

  /** A number writes to the account. @param id of a message that could not be read, and now can. @returns the message's id */
  async inbound(account: string, from: string, body: string, id?: string): Promise<string> {
    return await this.#inbound({ account, from, body, ...(id && { id }) })
  }

  /** A number writes to the account what cannot be read yet. @returns the message's id */
  async unreadable(account: string, from: string): Promise<string> {
    return await this.#inbound({ account, from, type: 'ciphertext' })
  }

  async #inbound(given: object): Promise<string> {
    const { message } = (await this.post('/inbound', given)) as { message: { id: string } }
    return message.id
  }

  /** The account's own phone writes. @returns the message's id */
  async outbound(account: string, to: string, body: string): Promise<string> {
    const { message } = (await this.post('/outbound', { account, to, body })) as { message: { id: string } }
    return message.id
  }

  /** What the typing indicators of an account showed, in order. */
  async chatStates(account: string): Promise<{ chatId: string; state: string }[]> {
    const response = await fetch(`${this.url}/chat-states?account=${account}`)
    return ((await response.json()) as { chatStates: { chatId: string; state: string }[] }).chatStates
  }

  /** Ids of the chats that an account has archived, as its phone shows them. */
  async archived(account: string): Promise<string[] | undefined> {
    const { accounts } = (await (await fetch(`${this.url}/accounts`)).json()) as {
      accounts: { account: string; archived: string[] }[]
    }
    return accounts.find((one) => one.account === account)?.archived
  }

  /** The phone of `account` reads all that `from` wrote to it. */
  async read(account: string, from: string): Promise<void> {
    await this.post('/read', { account, from })
  }

  /** What reached the wire from `account` to `to`, in order of arrival. */
  async messages(account: string, to?: string): Promise<WireMessage[]> {
    const query = new URLSearchParams({ from: account, ...(to === undefined ? {} : { to }) })
    const response = await fetch(`${this.url}/messages?${query}`)
    const body = (await response.json()) as WireMessage[] | { messages: WireMessage[] }
    return Array.isArray(body) ? body : body.messages
  }

  /** Lets the open pages of an account grow. */
  async leak(account: string, mbPerSecond: number): Promise<void> {
    await this.post('/leak', { account, mbPerSecond })
  }

  async close(): Promise<void> {
    if (this.#own === null) return
    const gone = once(this.#own.process, 'exit')
    this.#own.process.kill('SIGTERM')
    await gone
    await rm(this.#own.dataDir, { recursive: true, force: true })
  }

  /** A request of the control API. @throws where it is refused */
  async post(path: string, body: unknown): Promise<unknown> {
    const response = await fetch(`${this.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    if (!response.ok)
      throw new Error(`the simulator refused ${path}: ${response.status} ${await response.text()}`)
    return await response.json()
  }
}
