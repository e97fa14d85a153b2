import { type LookupAddress, type LookupOptions, lookup } from 'node:dns'
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import { Agent, type Dispatcher, request } from 'undici'

/** No more of an answer is read than this. */
const MAX_ANSWER_BYTES = 65_536
const CONNECT_WITHIN_MS = 5_000
const WEBHOOK_REMEDY = 'Only a token for all sessions may name one, unless WEBHOOK_ALLOW lets it through.'

/** Where cloud machines ask for their credentials, outside of the link-local networks. */
const METADATA: Network[] = [
  '100.100.100.200/32',
  '192.0.0.192/32',
  '168.63.129.16/32',
  'fd00:ec2::254/128',
].map((network) => ipaddr.parseCIDR(network))
/** All of IPv6 that is in use between networks (RFC 4291), and IPv4 behind a translator that all may have (RFC 6052). */
const GLOBAL: Network = ipaddr.parseCIDR('2000::/3')
const TRANSLATED: Network = ipaddr.parseCIDR('64:ff9b::/96')
/** Of networks that belong to somebody: a receiver may stand there, but only who runs the service may say so. */
const PRIVATE_RANGES = new Set(['private', 'loopback', 'uniqueLocal', 'carrierGradeNat', 'unspecified'])

export type Network = [ipaddr.IPv4 | ipaddr.IPv6, number]

/** Nothing was sent: the host is, or resolves to, an address that is not fetched from. */
export class ForbiddenAddress extends Error {
  override readonly name = 'ForbiddenAddress'
}

/** `private` may be allowed; `never` is link-local, metadata, multicast, reserved, or a way around such a check. */
export function kindOfAddress(text: string): 'public' | 'private' | 'never' {
  let address = readAddress(text)
  // An IPv4 address behind a translator counts as what it is. A network's own translator may have it anywhere in the address.
  if (isWithin(address, [TRANSLATED])) address = ipaddr.fromByteArray(address.toByteArray().slice(12))
  if (isWithin(address, METADATA)) return 'never'
  const range = address.range()
  if (range === 'unicast')
    return address.kind() === 'ipv4' || isWithin(address, [GLOBAL]) ? 'public' : 'never'
  return PRIVATE_RANGES.has(range) ? 'private' : 'never'
}

/** An IPv4 address that is written as one of IPv6 (`::ffff:10.0.0.1`) is read as what it is. */
function readAddress(text: string): ipaddr.IPv4 | ipaddr.IPv6 {
  return ipaddr.process(text.replace(/%.*$/, ''))
}

function isWithin(address: ipaddr.IPv4 | ipaddr.IPv6, networks: readonly Network[]): boolean {
  return networks.some((network) => address.kind() === network[0].kind() && address.match(network))
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
  readonly #resolve: typeof lookup
  /** One for each rule: a connection that one rule allowed is not used under the other. */
  readonly #agents: Readonly<Record<'anywhere' | 'public', Agent>>

  /**
   * @param allowed private networks that everybody may reach
   * @param resolve tells all addresses of a host
   */
  constructor(allowed: readonly Network[], remedy = WEBHOOK_REMEDY, resolve = lookup) {
    this.#allowed = allowed
    this.#remedy = remedy
    this.#resolve = resolve
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
   * @param asked.silentMs how long nothing may come, before the answer or within it
   * @throws as `fetch` does
   */
  async open(
    asked: Pick<GuardedRequest, 'url' | 'headers' | 'mayBePrivate'> & {
      signal: AbortSignal
      silentMs: number
    },
  ) {
    const { silentMs, ...given } = asked
    return await this.#request({ method: 'GET', headersTimeout: silentMs, bodyTimeout: silentMs, ...given })
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
  }: Omit<GuardedRequest, 'timeoutMs'> & {
    signal: AbortSignal
    headersTimeout?: number
    bodyTimeout?: number
  }): Promise<Dispatcher.ResponseData> {
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
    this.#resolve(host, { ...options, all: true }, (error, addresses) => {
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
    return isWithin(readAddress(text), this.#allowed)
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
