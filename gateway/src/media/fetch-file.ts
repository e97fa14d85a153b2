import { ForbiddenAddress } from '@wsg/shared/net/address-guard.ts'
import { ProxyFailed } from '@wsg/shared/net/connect-through-proxy.ts'
import type { StoredProxy } from '@wsg/shared/net/proxy-address.ts'
import type { GuardedFetch } from '../http/guarded-fetch.ts'
import { Problem } from '../http/problem.ts'

const MAX_REDIRECTS = 3
/** Few files are fetched at once: one that comes drop by drop would hold up the others. */
const LIMITS = {
  /** From the first byte of the request to the last of the file. */
  wholeMs: 60_000,
  /** How long nothing may come. */
  silentMs: 10_000,
  /** Of the file, on average, once it has come for `silentMs`. */
  minBytesPerS: 20_000,
}
/** Some servers refuse a request without what every browser sends. */
const HEADERS = {
  'user-agent': 'Mozilla/5.0 (compatible; whatsapp-session-gateway)',
  accept: '*/*',
  'accept-language': 'en',
  'accept-encoding': 'identity',
}

export interface FetchedFile {
  pieces: AsyncIterable<Uint8Array>
  /** What the server calls it; empty where it says nothing. */
  mimetype: string
}

/**
 * Begins to fetch a file for a caller. Each redirect is judged as the first address was.
 * @param assertFits throws where so much is too much
 * @throws Problem media_not_fetched, which names the host and what was wrong; so does reading the pieces
 */
export async function fetchFile(
  fetch: GuardedFetch,
  { url, proxy }: { url: string; proxy: StoredProxy | null },
  assertFits: (contentLength: string | undefined) => void,
  limits = LIMITS,
): Promise<FetchedFile> {
  const signal = AbortSignal.timeout(limits.wholeMs)
  let address = new URL(url)
  try {
    for (let redirects = 0; ; redirects++) {
      const { silentMs } = limits
      const asked = { url: address.href, headers: HEADERS, proxy, mayBePrivate: false, signal, silentMs }
      const answer = await fetch.open(asked)
      const { statusCode, headers, body } = answer
      const location = statusCode >= 300 && statusCode < 400 ? headers.location : undefined
      if (statusCode === 200 && [undefined, 'identity'].includes(headers['content-encoding'] as string)) {
        const mimetype = String(headers['content-type'] ?? '').split(';', 1)[0] as string
        try {
          assertFits(headers['content-length'] as string | undefined)
        } catch (error) {
          body.on('error', () => {}).destroy()
          throw error
        }
        return { pieces: orProblem(body, address, limits), mimetype }
      }
      body.on('error', () => {}).destroy()
      if (statusCode === 200) throw notFetched(address, 'sends it compressed')
      if (typeof location !== 'string') throw notFetched(address, `answered ${statusCode}`)
      if (redirects === MAX_REDIRECTS) throw notFetched(address, 'redirects too often')
      const next = URL.parse(location, address)
      if (next === null || !/^https?:$/.test(next.protocol))
        throw notFetched(address, 'redirects to what is not reached by http or https')
      if (address.protocol === 'https:' && next.protocol === 'http:')
        throw notFetched(address, 'redirects from https to http')
      address = next
    }
  } catch (error) {
    throw toProblem(error, address)
  }
}

async function* orProblem(
  body: AsyncIterable<Uint8Array>,
  address: URL,
  { silentMs, minBytesPerS }: typeof LIMITS,
): AsyncGenerator<Uint8Array> {
  const pieces = body[Symbol.asyncIterator]()
  const beganAt = performance.now()
  let bytes = 0
  try {
    for (;;) {
      const piece = await pieces.next().catch((error: unknown) => {
        throw toProblem(error, address)
      })
      if (piece.done === true) return
      bytes += piece.value.length
      const tookMs = performance.now() - beganAt
      if (tookMs > silentMs && bytes < (tookMs / 1_000) * minBytesPerS)
        throw notFetched(address, 'sends it too slowly', true)
      yield piece.value
    }
  } finally {
    // Closes the connection where the rest is not wanted.
    await pieces.return?.()
  }
}

function toProblem(error: unknown, address: URL): Problem {
  if (error instanceof Problem) return error
  if (error instanceof ForbiddenAddress) return new Problem('media_not_fetched', { sentence: error.message })
  if (error instanceof ProxyFailed)
    return new Problem('media_not_fetched', {
      sentence: `The file could not be fetched from ${address.hostname}: the proxy of this session ${error.message}.`,
      retryable: error.trouble === 'proxy_unreachable',
    })
  const { name, code = '' } = error as NodeJS.ErrnoException
  if (code === 'ENOTFOUND') return notFetched(address, 'is a name without an address')
  const isLate = name === 'TimeoutError' || code.endsWith('_TIMEOUT')
  return notFetched(address, isLate ? 'did not send it in time' : 'did not answer, or broke off', true)
}

function notFetched({ hostname }: URL, what: string, retryable = false): Problem {
  return new Problem('media_not_fetched', {
    sentence: `The file could not be fetched: ${hostname} ${what}.`,
    retryable,
  })
}
