import { createReadStream, createWriteStream } from 'node:fs'
import { chown, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Logger } from '@wsg/shared/logger.ts'
import { convertedKinds } from '@wsg/shared/messages/kinds/message-kinds.ts'
import pLimit from 'p-limit'
import pTimeout, { TimeoutError } from 'p-timeout'
import { conversions } from './conversions.ts'
import { NotConverted, programUser } from './run-program.ts'

/** A short voice message does not wait for one long video; three would be too many for the memory of a small container. */
const AT_ONCE = 2
/** How long a file waits for its turn. A gateway's caller is told to come again then. */
const TURN_WITHIN_MS = 30_000
const FOLDERS = 'wsg-conversion-'
/** What is older was left by a process that died. */
const LEFT_OVER_MS = 3_600_000

export interface ConverterOptions {
  maxBytes: number
  conversionMs: number
  log: Logger
}

/**
 * Answers `POST /convert?for=KIND`, whose body is a file and whose content-type says what it is, with the converted file; what
 * is told of a voice message is in the header `x-sound`. 422 says what is wrong with the file, 503 that there is too much to do.
 */
export function createConverter({ maxBytes, conversionMs, log }: ConverterOptions): Server {
  const turns = pLimit(AT_ONCE)
  void removeLeftOver().catch((err) => log.warn({ err }, 'old files could not be removed'))
  return createServer((request, response) => {
    answer(request, response).catch((err) => {
      log.error({ err }, 'a file could not be converted')
      refuse(response, 500, 'the converter failed')
    })
  })

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://converter')
    if (pathname === '/livez') return void response.end('ok')
    const kind = convertedKinds.find((one) => one === searchParams.get('for'))
    if (request.method !== 'POST' || pathname !== '/convert' || kind === undefined)
      return refuse(response, 404, 'there is only POST /convert')
    const folder = await mkdtemp(join(tmpdir(), FOLDERS))
    const gone = new AbortController()
    response.once('close', () => gone.abort())
    try {
      const input = join(folder, 'input')
      await pipeline(request, createWriteStream(input))
      if (programUser !== null) await chown(folder, programUser, programUser)
      const output = join(folder, 'output')
      const mimetype = request.headers['content-type'] ?? ''
      const began = performance.now()
      const turn = Promise.withResolvers<void>()
      const work = turns(async () => {
        turn.resolve()
        const signal = AbortSignal.any([gone.signal, AbortSignal.timeout(conversionMs)])
        const limits = { maxFileBytes: maxBytes, signal }
        return await conversions[kind]({ input, mimetype, output, limits })
      })
      work.catch(() => {})
      await pTimeout(turn.promise, { milliseconds: TURN_WITHIN_MS }).catch((error) => {
        // Its turn may still come: then it ends at once.
        gone.abort()
        throw error
      })
      const sound = await work
      const { size } = await stat(output)
      log.info({ kind, mimetype, bytes: size, ms: Math.round(performance.now() - began) }, 'converted')
      response.writeHead(200, {
        'content-length': size,
        ...(sound !== undefined && { 'x-sound': JSON.stringify(sound) }),
      })
      await pipeline(createReadStream(output), response)
    } catch (error) {
      if (error instanceof NotConverted) refuse(response, 422, error.message)
      else if (error instanceof TimeoutError) refuse(response, 503, 'there is too much to do')
      else if (!response.destroyed) throw error
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }
}

function refuse(response: ServerResponse, status: number, fault: string): void {
  if (response.headersSent) return void response.destroy()
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ fault }))
}

async function removeLeftOver(): Promise<void> {
  for (const name of (await readdir(tmpdir())).filter((one) => one.startsWith(FOLDERS))) {
    const path = join(tmpdir(), name)
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }))
    if (mtimeMs < Date.now() - LEFT_OVER_MS) await rm(path, { recursive: true, force: true })
  }
}
