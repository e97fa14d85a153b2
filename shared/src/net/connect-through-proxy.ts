import { request as httpsRequest } from 'node:https'
import { connect, type Socket } from 'node:net'
import { SocksClient, SocksClientError } from 'socks'
import { ForbiddenAddress } from './address-guard.ts'
import { forbiddenProxy, partsOfProxy, proxyGuard, type StoredProxy } from './proxy-address.ts'

// An import of `node:http` would load Node's `fetch` with it, which a worker has no use for.
const { request: httpRequest } = process.getBuiltinModule('node:http')

/** `proxy_refused`: it wants another name or password. `proxy_unreachable`: anything else that keeps it from connecting. */
export type ProxyTrouble = 'proxy_unreachable' | 'proxy_refused'

/** Nothing was connected. The message is what the proxy did; it names neither the proxy nor its password. */
export class ProxyFailed extends Error {
  override readonly name = 'ProxyFailed'
  readonly trouble: ProxyTrouble

  constructor(trouble: ProxyTrouble, message: string) {
    super(message)
    this.trouble = trouble
  }
}

export interface Destination {
  host: string
  port: number
}

/**
 * Connects through a proxy: by CONNECT through http and https ones, by SOCKS 5 otherwise. A name is resolved by the proxy.
 * @throws ProxyFailed, also where it takes longer than `timeoutMs`
 */
export async function connectThroughProxy(
  proxy: StoredProxy,
  destination: Destination,
  timeoutMs: number,
): Promise<Socket> {
  const forbidden = forbiddenProxy(proxy)
  if (forbidden !== null)
    throw new ProxyFailed('proxy_unreachable', 'has an address that may not be connected to')
  const { protocol } = partsOfProxy(proxy.url)
  // Not AbortSignal.timeout, which would cut the connection later.
  const limit = new AbortController()
  const timer = setTimeout(() => limit.abort(), timeoutMs)
  try {
    return await (protocol === 'socks5:' ? bySocks : byConnect)(proxy, destination, limit.signal)
  } catch (error) {
    if (error instanceof ProxyFailed) throw error
    throw new ProxyFailed(
      'proxy_unreachable',
      limit.signal.aborted ? 'did not answer in time' : wordsFor(error),
    )
  } finally {
    clearTimeout(timer)
  }
}

async function byConnect(
  proxy: StoredProxy,
  { host, port }: Destination,
  signal: AbortSignal,
): Promise<Socket> {
  const { protocol, host: proxyHost, port: proxyPort, user, password } = partsOfProxy(proxy.url)
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`
  const credentials = Buffer.from(`${user}:${password}`).toString('base64')
  const { promise, resolve, reject } = Promise.withResolvers<Socket>()
  const asked = (protocol === 'https:' ? httpsRequest : httpRequest)({
    method: 'CONNECT',
    host: proxyHost,
    port: proxyPort,
    path: authority,
    headers: { host: authority, ...(user !== '' && { 'proxy-authorization': `Basic ${credentials}` }) },
    agent: false,
    lookup: proxyGuard.lookup(proxy.mayBePrivate),
    signal,
  })
  asked.once('error', reject)
  asked.once('response', (response) => {
    response.destroy()
    reject(new ProxyFailed('proxy_unreachable', `answered ${response.statusCode}`))
  })
  asked.once('connect', ({ statusCode = 0 }, socket: Socket, head) => {
    if (statusCode >= 200 && statusCode < 300) {
      if (head.length > 0) socket.unshift(head)
      return resolve(socket)
    }
    socket.destroy()
    reject(
      new ProxyFailed(statusCode === 407 ? 'proxy_refused' : 'proxy_unreachable', `answered ${statusCode}`),
    )
  })
  asked.end()
  return await promise
}

async function bySocks(proxy: StoredProxy, destination: Destination, signal: AbortSignal): Promise<Socket> {
  const { host, port } = partsOfProxy(proxy.url)
  const socket = connect({ host, port, lookup: proxyGuard.lookup(proxy.mayBePrivate) })
  const { promise: broken, reject } = Promise.withResolvers<never>()
  signal.addEventListener('abort', () => socket.destroy(new Error('aborted')))
  socket.once('error', reject)
  try {
    await Promise.race([new Promise((resolve) => socket.once('connect', resolve)), broken])
    const shaken = SocksClient.createConnection({
      proxy: { host, port, type: 5 },
      command: 'connect',
      destination,
      existing_socket: socket,
    })
    return (await Promise.race([shaken, broken])).socket
  } catch (error) {
    socket.destroy()
    if (error instanceof SocksClientError && /auth/i.test(error.message))
      throw new ProxyFailed('proxy_refused', 'wants a password')
    throw error
  } finally {
    socket.off('error', reject)
  }
}

/** What the network said, without the addresses that stand in its messages. */
function wordsFor(error: unknown): string {
  if (error instanceof ForbiddenAddress) return 'has an address that may not be connected to'
  if (error instanceof SocksClientError) return `said: ${error.message}`
  const { code, name } = error as NodeJS.ErrnoException
  return `could not be connected to: ${code ?? name}`
}
