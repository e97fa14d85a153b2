import type { IncomingMessage, Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { pipeline } from 'node:stream'
import type { Logger } from '@wsg/shared/logger.ts'
import {
  connectThroughProxy,
  type Destination,
  type ProxyFailed,
  type ProxyTrouble,
} from '@wsg/shared/net/connect-through-proxy.ts'
import type { StoredProxy } from '@wsg/shared/net/proxy-address.ts'
import { placeOfHost } from './host-rules.ts'

// An import of `node:http` would load Node's `fetch` with it, which a worker has no use for: 2 MB, and a twentieth of its start.
const { createServer } = process.getBuiltinModule('node:http')

const CONNECTS_WITHIN_MS = 10_000
const WHATSAPP: Destination = { host: 'web.whatsapp.com', port: 443 }

export interface ForwarderOptions {
  proxy: StoredProxy
  /** The operator's own lists of host rules. */
  rules: readonly string[]
  /** What keeps the proxy from connecting, or null again. Called when it changes. */
  onTrouble(trouble: ProxyTrouble | null): void
  logger: Logger
}

/**
 * What Chromium has for a proxy: a server on loopback that passes its connections on to the proxy of the session. Chromium
 * itself would show a password in its command line or forget it for sockets, and resolve what it likes; here nothing but
 * WhatsApp's hosts is reached, and how the proxy fares is known as it happens.
 */
export class ProxyForwarder {
  readonly #options: ForwarderOptions
  readonly #server: Server = createServer((_, response) => void response.writeHead(403).end())
  readonly #sockets = new Set<Socket>()
  #trouble: ProxyTrouble | null = null

  /**
   * Listens once the proxy has reached WhatsApp, so that no browser is started behind one that does not.
   * @throws ProxyFailed
   */
  static async open(options: ForwarderOptions): Promise<ProxyForwarder> {
    const forwarder = new ProxyForwarder(options)
    const place = placeOfHost(WHATSAPP, options.rules) ?? WHATSAPP
    const socket = await forwarder.#connect(place, WHATSAPP.host)
    socket.on('error', () => {}).destroy()
    await new Promise<void>((resolve, reject) => {
      forwarder.#server.once('error', reject).listen(0, '127.0.0.1', resolve)
    })
    return forwarder
  }

  private constructor(options: ForwarderOptions) {
    this.#options = options
    this.#server.on('connect', (request, socket, head) => void this.#forward(request, socket as Socket, head))
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get trouble(): ProxyTrouble | null {
    return this.#trouble
  }

  close(): void {
    this.#server.close()
    this.#server.closeAllConnections()
    for (const socket of this.#sockets) socket.destroy()
  }

  async #forward({ url = '' }: IncomingMessage, browser: Socket, head: Buffer): Promise<void> {
    this.#keep(browser)
    browser.on('error', () => {})
    const { hostname, port } = new URL(`http://${url}`)
    const host = hostname.replace(/^\[|\]$/g, '')
    const place = placeOfHost({ host, port: Number(port || 80) }, this.#options.rules)
    if (place === null) {
      browser.end('HTTP/1.1 403 Forbidden\r\n\r\n')
      return
    }
    try {
      const remote = this.#keep(await this.#connect(place, host))
      if (head.length > 0) remote.write(head)
      browser.write('HTTP/1.1 200 Connection established\r\n\r\n')
      pipeline(browser, remote, browser, () => {})
    } catch {
      browser.end('HTTP/1.1 502 Bad Gateway\r\n\r\n')
    }
  }

  /** @param host as it was asked for. @throws ProxyFailed */
  async #connect(place: Destination, host: string): Promise<Socket> {
    const { proxy, logger } = this.#options
    try {
      const socket = await connectThroughProxy(proxy, place, CONNECTS_WITHIN_MS)
      this.#tell(null)
      return socket
    } catch (error) {
      const { trouble, message } = error as ProxyFailed
      logger.warn({ host, trouble, message }, 'the proxy of the session did not connect')
      this.#tell(trouble)
      throw error
    }
  }

  #tell(trouble: ProxyTrouble | null): void {
    if (trouble === this.#trouble) return
    this.#trouble = trouble
    this.#options.onTrouble(trouble)
  }

  #keep(socket: Socket): Socket {
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
    return socket
  }
}
