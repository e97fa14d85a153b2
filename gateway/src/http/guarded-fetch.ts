import { type LookupAddress, type LookupOptions, lookup as lookUp } from 'node:dns'
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import { Agent, type Dispatcher, request } from 'undici'

/** No more of an answer is read than this. */
const MAX_ANSWER_BYTES = 65_536
const CONNECT_WITHIN_MS = 5_000
const WEBHOOK_REMEDY = 'Only a token for all sessions may name one, unless WEBHOOK_ALLOW lets it through.'

/** Where cloud machines ask for their credentials, outside of the link-local networks. */
const METADATA = ['100.100.100.200/32', '192.0.0.192/32', '168.63.129.16/32', 'fd00:ec2::254/128'].map(
  (network) => ipaddr.parseCIDR(network),
)
/** Of networks that belong to somebody: a receiver may stand there, but only who runs the service may say so. */
const PRIVATE_RANGES = new Set(['private', 'loopback', 'uniqueLocal', 'carrierGradeNat', 'unspecified'])

export type Network = [ipaddr.IPv4 | ipaddr.IPv6, number]

/** Nothing was sent: the host is, or resolves to, an address that is not fetched from. */
export class ForbiddenAddress extends Error {
  override readonly name = 'ForbiddenAddress'
}

/** `private` may be allowed; `never` is link-local, metadata, multicast, reserved, or a way around such a check. */
export function kindOfAddress(text: string): 'public' | 'private' | 'never' {
  // An IPv4 address in IPv6's clothes counts as what it is; so does one behind a translator (RFC 6052).
  let address = ipaddr.process(text.replace(/%.*$/, ''))
  if (address instanceof ipaddr.IPv6 && ['rfc6052', 'ipv4Mapped'].includes(address.range()))
    address = ipaddr.fromByteArray(address.toByteArray().slice(12))
  if (METADATA.some((network) => address.kind() === network[0].kind() && address.match(network)))
    return 'never'
  const range = address.range()
  if (range === 'unicast') return 'public'
  return PRIVATE_RANGES.has(range) ? 'private' : 'never'
}

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

/**
 * Fetches for others, from public addresses, and from private ones where that is allowed. What is judged is the address that is
 * connected to: a host is resolved once, and what its name stands for a moment later does not matter. Redirects are answers
 * like any other, and not followed.
 */
export class GuardedFetch {
  readonly #allowed: readonly Network[]
  /** How a private address may be reached all the same, as a sentence. */
  readonly #remedy: string
  /** One for each rule: a connection that one rule allowed is not used under the other. */
  readonly #agents: Readonly<Record<'anywhere' | 'public', Agent>>

  /** @param allowed private networks that everybody may reach */
  constructor(allowed: readonly Network[], remedy = WEBHOOK_REMEDY) {
    this.#allowed = allowed
    this.#remedy = remedy
    this.#agents = { anywhere: this.#agent(true), public: this.#agent(false) }
  }

  /**
   * @throws ForbiddenAddress, with a sentence for whoever asked; what the network threw, and TimeoutError after `timeoutMs`
   */
  async fetch({ url, mayBePrivate, timeoutMs, ...given }: GuardedRequest): Promise<GuardedAnswer> {
    const signal = AbortSignal.timeout(timeoutMs)
    const { statusCode, body } = await this.#request({ url, mayBePrivate, signal, ...given })
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
   * @throws as `fetch` does
   */
  async open(asked: Pick<GuardedRequest, 'url' | 'headers' | 'mayBePrivate'> & { signal: AbortSignal }) {
    return await this.#request({ method: 'GET', ...asked })
  }

  /** Judges a URL whose host is an address, in whatever spelling; a name is judged when it is resolved. @throws ForbiddenAddress */
  assertLiteral(url: string, mayBePrivate: boolean): void {
    const literal = new URL(url).hostname.replace(/^\[|\]$/g, '')
    if (isIP(literal) !== 0) this.#assertAllowed(literal, literal, mayBePrivate)
  }

  async close(): Promise<void> {
    await Promise.all([this.#agents.anywhere.destroy(), this.#agents.public.destroy()])
  }

  async #request({
    url,
    mayBePrivate,
    ...given
  }: Omit<GuardedRequest, 'timeoutMs'> & { signal: AbortSignal }): Promise<Dispatcher.ResponseData> {
    // No look-up happens for what is an address already.
    this.assertLiteral(url, mayBePrivate)
    const dispatcher = this.#agents[mayBePrivate ? 'anywhere' : 'public']
    return await request(url, { ...given, dispatcher })
  }

  #agent(mayBePrivate: boolean): Agent {
    return new Agent({
      connect: {
        timeout: CONNECT_WITHIN_MS,
        lookup: (host, options, done) => this.#lookUp(host, options, mayBePrivate, done),
      },
    })
  }

  #lookUp(
    host: string,
    options: LookupOptions,
    mayBePrivate: boolean,
    done: (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void,
  ): void {
    lookUp(host, { ...options, all: true }, (error, addresses) => {
      if (error) return done(error, [])
      try {
        for (const { address } of addresses) this.#assertAllowed(host, address, mayBePrivate)
      } catch (refusal) {
        return done(refusal as Error, [])
      }
      const [first] = addresses
      if (options.all) done(null, addresses)
      else done(null, first?.address ?? '', first?.family)
    })
  }

  #assertAllowed(host: string, address: string, mayBePrivate: boolean): void {
    const kind = kindOfAddress(address)
    const is = host === address ? `${host} is` : `${host} resolves to ${address},`
    if (kind === 'never') throw new ForbiddenAddress(`${is} an address that is never fetched from.`)
    if (kind === 'public' || mayBePrivate || this.#isAllowed(address)) return
    throw new ForbiddenAddress(`${is} a private address. ${this.#remedy}`)
  }

  #isAllowed(text: string): boolean {
    const address = ipaddr.process(text.replace(/%.*$/, ''))
    return this.#allowed.some((network) => address.kind() === network[0].kind() && address.match(network))
  }
}

/** `WEBHOOK_ALLOW`, `MEDIA_ALLOW`. @throws Error where one is no network */
export function parseNetworks(text: string): Network[] {
  return text
    .split(',')
    .map((network) => network.trim())
    .filter((network) => network !== '')
    .map((network) => ipaddr.parseCIDR(network) as Network)
}
