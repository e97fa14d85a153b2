import { type LookupAddress, type LookupOptions, lookup } from 'node:dns'
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

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
/** Of networks that belong to somebody: what is asked for may stand there, but only who runs the service may say so. */
const PRIVATE_RANGES = new Set(['private', 'loopback', 'uniqueLocal', 'carrierGradeNat', 'unspecified'])

export type Network = [ipaddr.IPv4 | ipaddr.IPv6, number]

/** Nothing was sent: the host is, or resolves to, an address that is not connected to. */
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

/** Judges what is connected to for others: public addresses, and private ones where that is allowed. */
export class AddressGuard {
  readonly #allowed: readonly Network[]
  /** How a private address may be reached all the same, as a sentence. */
  readonly #remedy: string
  readonly #resolve: typeof lookup

  /**
   * @param allowed private networks that everybody may reach
   * @param resolve tells all addresses of a host
   */
  constructor(allowed: readonly Network[], remedy: string, resolve = lookup) {
    this.#allowed = allowed
    this.#resolve = resolve
    this.#remedy = remedy
  }

  /** Judges a URL whose host is an address, in whatever spelling; a name is judged when it is resolved. @throws ForbiddenAddress */
  assertLiteral(url: string, mayBePrivate: boolean): void {
    const literal = literalOf(url)
    if (literal !== null) this.#assertAllowed(literal, literal, mayBePrivate)
  }

  /**
   * A look-up for `net.connect` that gives only addresses that are allowed. It is not called for what is an address already:
   * `assertLiteral` comes first.
   */
  lookup(mayBePrivate: boolean) {
    return (
      host: string,
      options: LookupOptions,
      done: (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void,
    ): void => {
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
  }

  /** The address that a host stands for. @throws ForbiddenAddress, and what the look-up threw */
  async resolve(host: string, mayBePrivate: boolean): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    this.lookup(mayBePrivate)(host.replace(/^\[|\]$/g, ''), {}, (error, address) =>
      error ? reject(error) : resolve(address as string),
    )
    return await promise
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

/** The address that a URL has for its host; null where that is a name. */
function literalOf(url: string): string | null {
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '')
  return isIP(host) === 0 ? null : host
}

/** `WEBHOOK_ALLOW`, `MEDIA_ALLOW`. @throws Error where one is no network */
export function parseNetworks(text: string): Network[] {
  return text
    .split(',')
    .map((network) => network.trim())
    .filter((network) => network !== '')
    .map((network) => ipaddr.parseCIDR(network) as Network)
}
