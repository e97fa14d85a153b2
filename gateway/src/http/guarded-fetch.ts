import { lookup } from 'node:dns'
import type { Socket } from 'node:net'
import { AddressGuard, type Network } from '@wsg/shared/net/address-guard.ts'
import { connectThroughProxy } from '@wsg/shared/net/connect-through-proxy.ts'
import type { StoredProxy } from '@wsg/shared/net/proxy-address.ts'
import { Agent, buildConnector, type Dispatcher, request } from 'undici'

/** No more of an answer is read than this. */
const MAX_ANSWER_BYTES = 65_536
const CONNECT_WITHIN_MS = 5_000
/** A proxy connects twice. */
const CONNECT_BY_PROXY_WITHIN_MS = 10_000
const WEBHOOK_REMEDY = 'Only a token for all sessions may name one, unless WEBHOOK_ALLOW lets it through.'

export interface GuardedRequest {
  url: string
  method: 'GET' | 'POST'
  headers: Readonly<Record<string, string>>
  body?: string
  /** True where whoever wants it may reach private networks. */
  mayBePrivate: boolean
  timeoutMs: number
}

export interface GuardedAnswer {
  status: number
  /** The beginning of the body, as text. */
  start: string
}

/** What is fetched whose body may be of any length. */
export type OpenRequest = Pick<GuardedRequest, 'url' | 'headers' | 'mayBePrivate'> & {
  signal: AbortSignal
  /** How long nothing may come, before the answer or within it. */
  silentMs: number
  /** To be gone through; null for none. */
  proxy: StoredProxy | null
}

/**
 * Fetches for others, from public addresses, and from private ones where that is allowed. What is judged is the address that is
 * connected to, be it through a proxy: a host is resolved once, and what its name stands for a moment later does not matter.
 * Redirects are answers like any other, and not followed.
 */
export class GuardedFetch {
  readonly #guard: AddressGuard
  /** One for each rule: a connection that one rule allowed is not used under the other. */
  readonly #agents: Readonly<Record<'anywhere' | 'public', Agent>>

  /**
   * @param allowed private networks that everybody may reach
   * @param resolve tells all addresses of a host
   */
  constructor(allowed: readonly Network[], remedy = WEBHOOK_REMEDY, resolve = lookup) {
    this.#guard = new AddressGuard(allowed, remedy, resolve)
    this.#agents = { anywhere: this.#agent(true), public: this.#agent(false) }
  }

  /**
   * @throws ForbiddenAddress, with a sentence for whoever asked; what the network threw, and TimeoutError after `timeoutMs`
   */
  async fetch({ url, mayBePrivate, timeoutMs, ...given }: GuardedRequest): Promise<GuardedAnswer> {
    const signal = AbortSignal.timeout(timeoutMs)
    this.assertLiteral(url, mayBePrivate)
    const dispatcher = this.#agents[mayBePrivate ? 'anywhere' : 'public']
    const { statusCode, body } = await request(url, { ...given, signal, dispatcher })
    const pieces: Buffer[] = []
    let bytes = 0
    for await (const piece of body) {
      pieces.push(piece as Buffer)
      bytes += (piece as Buffer).length
      // Leaving the loop closes the connection.
      if (bytes >= MAX_ANSWER_BYTES) break
    }
    return { status: statusCode, start: Buffer.concat(pieces).subarray(0, MAX_ANSWER_BYTES).toString() }
  }

  /**
   * Begins to fetch something of any length: whoever asked reads its body to the end, or destroys it.
   * @throws as `fetch` does, and ProxyFailed
   */
  async open({
    url,
    proxy,
    mayBePrivate,
    silentMs,
    ...given
  }: OpenRequest): Promise<Dispatcher.ResponseData> {
    this.assertLiteral(url, mayBePrivate)
    const limits = { headersTimeout: silentMs, bodyTimeout: silentMs }
    if (proxy === null) {
      const dispatcher = this.#agents[mayBePrivate ? 'anywhere' : 'public']
      return await request(url, { ...given, ...limits, dispatcher })
    }
    const dispatcher = this.#agentThrough(proxy, mayBePrivate)
    try {
      return await request(url, { ...given, ...limits, dispatcher })
    } finally {
      // Waits for the body.
      void dispatcher.close()
    }
  }

  /** Judges a URL whose host is an address, in whatever spelling; a name is judged when it is resolved. @throws ForbiddenAddress */
  assertLiteral(url: string, mayBePrivate: boolean): void {
    this.#guard.assertLiteral(url, mayBePrivate)
  }

  async close(): Promise<void> {
    await Promise.all([this.#agents.anywhere.destroy(), this.#agents.public.destroy()])
  }

  #agent(mayBePrivate: boolean): Agent {
    return new Agent({ connect: { timeout: CONNECT_WITHIN_MS, lookup: this.#guard.lookup(mayBePrivate) } })
  }

  /** The proxy is given the address that was judged and not the name, which it might resolve to another one. */
  #agentThrough(proxy: StoredProxy, mayBePrivate: boolean): Agent {
    const secured = buildConnector({ timeout: CONNECT_WITHIN_MS })
    const open = async ({ hostname, port, protocol }: buildConnector.Options): Promise<Socket> => {
      const host = await this.#guard.resolve(hostname, mayBePrivate)
      const destination = { host, port: Number(port || (protocol === 'https:' ? 443 : 80)) }
      return await connectThroughProxy(proxy, destination, CONNECT_BY_PROXY_WITHIN_MS)
    }
    return new Agent({
      connect: (options, done) => {
        open(options).then(
          (socket) =>
            options.protocol === 'https:'
              ? secured({ ...options, httpSocket: socket }, done)
              : done(null, socket),
          (error: Error) => done(error, null),
        )
      },
    })
  }
}
