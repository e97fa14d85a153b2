import { z } from 'zod'
import { AddressGuard, ForbiddenAddress } from './address-guard.ts'

/** Who judges the address of a proxy: whoever names one must not reach networks by it that are not theirs. */
export const proxyGuard = new AddressGuard([], 'Only a token for all sessions may name such a proxy')

const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443, 'socks5:': 1080 }
const MASK = '***'

/** A proxy as it is stored: with its password, so that it is shown to nobody. */
export const storedProxySchema = z.object({
  url: z.string(),
  /** Whoever named it may reach private networks. */
  mayBePrivate: z.boolean(),
})
export type StoredProxy = z.infer<typeof storedProxySchema>

/** A proxy taken apart. */
export interface ProxyParts {
  protocol: 'http:' | 'https:' | 'socks5:'
  /** Without the brackets of an IPv6 address. */
  host: string
  port: number
  /** Both empty where none are needed. */
  user: string
  password: string
}

/** As a caller names it. What is wrong with one is said without repeating it. */
export const proxyUrlSchema = z
  .string()
  .max(1_000, 'must be at most 1000 characters')
  .superRefine((text, context) => {
    const wrong = faultOf(text)
    if (wrong !== null) context.addIssue({ code: 'custom', message: wrong })
  })

function faultOf(text: string): string | null {
  const url = toUrl(text)
  if (url === null) return 'must be an address such as http://user:password@proxy.example:8080'
  if (!/^(https?|socks5):\/\//i.test(text)) return 'must begin with http://, https:// or socks5://'
  if (url.pathname.length > 1 || url.search !== '' || url.hash !== '') return 'must end with the port'
  if (/^socks5:/i.test(text) && (url.username !== '' || url.password !== ''))
    return 'a socks5 proxy cannot have a password here: name one that needs none, or its http address'
  if (url.password === MASK) return 'shows its password as ***: give the password itself'
  return null
}

/** Of an address that has been validated. */
export function partsOfProxy(text: string): ProxyParts {
  const url = toUrl(text) as URL
  const protocol = text.slice(0, text.indexOf(':') + 1).toLowerCase() as ProxyParts['protocol']
  // Port 80 is left out of what stands for any of the three here.
  const port = /:80$/.test(text.replace(/\/$/, '')) ? 80 : DEFAULT_PORTS[protocol]
  return {
    protocol,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (port as number) : Number(url.port),
    user: decoded(url.username),
    password: decoded(url.password),
  }
}

/** What may be shown of it. */
export function maskedProxy(text: string): string {
  const url = toUrl(text) as URL
  const { protocol, host, port } = partsOfProxy(text)
  const user = url.username === '' ? '' : `${url.username}${url.password === '' ? '' : `:${MASK}`}@`
  return `${protocol}//${user}${host.includes(':') ? `[${host}]` : host}:${port}`
}

/**
 * What is wrong with the place of a proxy, as a sentence for whoever named it; null where it may be connected to, as far as
 * can be said before its name is resolved.
 */
export function forbiddenProxy({ url, mayBePrivate }: StoredProxy): string | null {
  try {
    proxyGuard.assertLiteral((toUrl(url) as URL).href, mayBePrivate)
    return null
  } catch (error) {
    if (error instanceof ForbiddenAddress) return error.message
    throw error
  }
}

/** Read as http, of which every part is spelled in one way: hosts in capitals, addresses in other notations. */
function toUrl(text: string): URL | null {
  return URL.parse(text.replace(/^[a-z0-9+.-]+:/i, 'http:'))
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
