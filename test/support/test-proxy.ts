import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { createServer as createSocksServer } from '@pondwader/socks5-server'
import { Server } from 'proxy-chain'
import { reservePort } from './reserve-port.ts'

export interface TestProxyOptions {
  kind?: 'http' | 'socks5'
  /** What it wants; nothing where they are absent. */
  user?: string
  password?: string
}

/** A real proxy on loopback, which can be taken away and comes back on its port. */
export class TestProxy {
  /** What it was asked to connect to, as `host:port`, in order; with a wrong password as well. */
  readonly asked: string[] = []
  readonly port: number
  readonly #options: TestProxyOptions
  #end: () => Promise<void> = async () => {}
  #user: string
  #password: string

  static async start(options: TestProxyOptions = {}): Promise<TestProxy> {
    const proxy = new TestProxy(options, await reservePort())
    await proxy.listen()
    return proxy
  }

  private constructor(options: TestProxyOptions, port: number) {
    this.#options = options
    this.port = port
    this.#user = options.user ?? ''
    this.#password = options.password ?? ''
  }

  /** With the credentials that it wants, or others. */
  url(credentials = this.#user === '' ? '' : `${this.#user}:${this.#password}@`): string {
    return `${this.#options.kind ?? 'http'}://${credentials}127.0.0.1:${this.port}`
  }

  /** From now on it wants this password; what is connected stays. */
  wantPassword(password: string): void {
    this.#password = password
  }

  async listen(): Promise<void> {
    this.#end = this.#options.kind === 'socks5' ? await this.#listenSocks() : await this.#listenHttp()
  }

  /** Cuts every connection. */
  async close(): Promise<void> {
    const end = this.#end
    this.#end = async () => {}
    await end()
  }

  async #listenHttp(): Promise<() => Promise<void>> {
    const server = new Server({
      host: '127.0.0.1',
      port: this.port,
      prepareRequestFunction: ({ username, password, hostname, port }) => {
        this.asked.push(`${hostname}:${port}`)
        const isWrong = username !== this.#user || password !== this.#password
        return { requestAuthentication: this.#user !== '' && isWrong }
      },
    })
    await server.listen()
    return () => server.close(true)
  }

  async #listenSocks(): Promise<() => Promise<void>> {
    const socks = createSocksServer()
    socks.setRulesetValidator(({ destAddress, destPort }) => {
      this.asked.push(`${destAddress}:${destPort}`)
      return true
    })
    if (this.#user !== '')
      socks.setAuthHandler(({ username, password }) => username === this.#user && password === this.#password)
    const sockets = new Set<Socket>()
    const server = createServer((socket) => {
      sockets.add(socket.on('close', () => sockets.delete(socket)))
      socks._handleConnection(socket)
    })
    await once(server.listen(this.port, '127.0.0.1'), 'listening')
    return async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    }
  }
}
