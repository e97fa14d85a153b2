import { ForbiddenAddress, type GuardedFetch } from '../http/guarded-fetch.ts'
import { Problem } from '../http/problem.ts'

/** From the first byte of the request to the last of the file. */
const FETCHED_WITHIN_MS = 60_000
const MAX_REDIRECTS = 3
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
  url: string,
  assertFits: (contentLength: string | undefined) => void,
): Promise<FetchedFile> {
  const signal = AbortSignal.timeout(FETCHED_WITHIN_MS)
  let address = new URL(url)
  try {
    for (let redirects = 0; ; redirects++) {
      const answer = await fetch.open({ url: address.href, headers: HEADERS, mayBePrivate: false, signal })
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
        return { pieces: orProblem(body, address), mimetype }
      }
      body.on('error', () => {}).destroy()
      if (statusCode === 200) throw notFetched(address, 'sends it compressed')
      if (typeof location !== 'string') throw notFetched(address, `answered ${statusCode}`)
      if (redirects === MAX_REDIRECTS) throw notFetched(address, 'redirects too often')
      address = new URL(location, address)
      if (!/^https?:$/.test(address.protocol)) throw notFetched(address, 'is not reached by http or https')
    }
  } catch (error) {
    throw toProblem(error, address)
  }
}

async function* orProblem(body: AsyncIterable<Uint8Array>, address: URL): AsyncGenerator<Uint8Array> {
  const pieces = body[Symbol.asyncIterator]()
  try {
    for (;;) {
      const piece = await pieces.next().catch((error: unknown) => {
        throw toProblem(error, address)
      })
      if (piece.done === true) return
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
  const isLate = (error as Error).name === 'TimeoutError'
  return notFetched(address, isLate ? 'did not send it in time' : 'did not answer, or broke off', true)
}

function notFetched({ hostname }: URL, what: string, retryable = false): Problem {
  return new Problem('media_not_fetched', {
    sentence: `The file could not be fetched: ${hostname} ${what}.`,
    retryable,
  })
}
