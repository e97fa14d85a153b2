import { MediaRefused, type StoredFile } from '@wsg/shared/media/file-store.ts'
import type { ConvertedKind } from '@wsg/shared/messages/kinds/message-kinds.ts'
import { type Converted, convertedSchema } from '@wsg/shared/messages/media.ts'
import type { RedisClient } from '@wsg/shared/redis/connection/redis-client.ts'
import { readConversion, rememberConversion } from '@wsg/shared/redis/session/session-files.ts'
import { Agent, request } from 'undici'
import { Problem } from '../http/problem.ts'
import type { ConversionOutcome, GatewayMetrics } from '../metrics/gateway-metrics.ts'
import type { SessionFiles } from './session-files.ts'

const CONNECTS_WITHIN_MS = 3_000
/** More than a converter ever takes: 30 s until its turn, 90 s for its work, and the way there. */
const ANSWERS_WITHIN_MS = 140_000

export interface FileToConvert {
  sessionId: string
  file: StoredFile
  mimetype: string
  as: ConvertedKind
  /** Until when the result is kept at least (epoch ms). */
  untilMs: number
}

interface ConverterParts {
  url: string
  redis: RedisClient
  files: SessionFiles
  metrics: GatewayMetrics
  maxBytes: number
  /** How long a result is kept at least. */
  retentionMs: number
}

/** Has files converted that WhatsApp does not take as they are: each once for a kind of message, whoever sends it. */
export class Converter {
  readonly #parts: ConverterParts
  readonly #agent = new Agent({
    connect: { timeout: CONNECTS_WITHIN_MS },
    headersTimeout: ANSWERS_WITHIN_MS,
  })
  readonly #underWay = new Map<string, Promise<Converted>>()

  constructor(parts: ConverterParts) {
    this.#parts = parts
  }

  /** @throws Problem where the file or the converter does not allow it */
  async convert(asked: FileToConvert): Promise<Converted> {
    const { redis, files } = this.#parts
    const { sessionId, file, as, untilMs } = asked
    const known = await readConversion(redis, file.id, as)
    if (known !== null && (await files.keep(sessionId, known.upload, untilMs)) !== null) return known
    const converted = await this.#once(asked)
    if ((await files.keep(sessionId, converted.upload, untilMs)) === null)
      throw new Problem('media_not_found')
    return converted
  }

  async close(): Promise<void> {
    await this.#agent.destroy()
  }

  #once(asked: FileToConvert): Promise<Converted> {
    const key = `${asked.file.id} ${asked.as}`
    const underWay = this.#underWay.get(key)
    if (underWay !== undefined) return underWay
    const converting = this.#measured(asked).finally(() => this.#underWay.delete(key))
    this.#underWay.set(key, converting)
    return converting
  }

  async #measured(asked: FileToConvert): Promise<Converted> {
    const began = performance.now()
    const measure = (outcome: ConversionOutcome) =>
      this.#parts.metrics.countConversion({ kind: asked.as, outcome, durationMs: performance.now() - began })
    try {
      const converted = await this.#ask(asked)
      measure('converted')
      return converted
    } catch (error) {
      const isOfFile = error instanceof Problem && error.code === 'media_not_converted'
      measure(isOfFile ? 'refused' : 'unavailable')
      throw error
    }
  }

  async #ask({ sessionId, file, mimetype, as }: FileToConvert): Promise<Converted> {
    const { url, redis, files, maxBytes, retentionMs } = this.#parts
    const bytes = await files.open(file.id)
    const { statusCode, headers, body } = await request(new URL(`/convert?for=${as}`, url), {
      method: 'POST',
      headers: { 'content-type': mimetype, 'content-length': String(file.size) },
      body: bytes,
      dispatcher: this.#agent,
    }).catch(unavailable)
    if (statusCode === 422) {
      const { fault } = (await body.json().catch(unavailable)) as { fault: string }
      throw notConverted(fault)
    }
    if (statusCode !== 200) {
      await body.dump().catch(() => {})
      throw new Problem('converter_unavailable')
    }
    const untilMs = Date.now() + retentionMs
    const result = await files.put(sessionId, body, { maxBytes, untilMs }).catch((error: unknown) => {
      if (!(error instanceof MediaRefused)) return unavailable()
      if (error.reason === 'store_full') throw new Problem('media_store_full')
      throw notConverted(error.reason === 'empty' ? 'nothing comes of it' : 'it becomes too large')
    })
    const sound = headers['x-sound']
    const converted = convertedSchema.parse({
      upload: result.id,
      mimetype: result.mimetype,
      ...(typeof sound === 'string' && { sound: JSON.parse(sound) }),
    })
    await rememberConversion(redis, { fileId: file.id, kind: as, converted, untilMs })
    return converted
  }
}

function unavailable(): never {
  throw new Problem('converter_unavailable')
}

/** @param fault as the end of a sentence */
function notConverted(fault: string): Problem {
  return new Problem('media_not_converted', {
    sentence: `WhatsApp does not take such a file, and it could not be converted: ${fault}.`,
  })
}
