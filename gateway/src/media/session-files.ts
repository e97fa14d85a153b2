import type { Readable } from 'node:stream'
import type { FileStore, StoredFile } from '@wsg/shared/media/file-store.ts'
import { MEDIA_ID_PATTERN } from '@wsg/shared/messages/media.ts'
import type { RedisClient } from '@wsg/shared/redis/connection/redis-client.ts'
import { ALL_SESSIONS } from '@wsg/shared/redis/event/webhooks.ts'
import { allowFile, mayUseFile } from '@wsg/shared/redis/session/session-files.ts'

/**
 * The files of the store by who may use them: a file is there once under the hash of its bytes, and is found only by the
 * sessions for which somebody brought those bytes. The scope `ALL_SESSIONS` is of callers that may touch every session.
 */
export class SessionFiles {
  readonly #redis: RedisClient
  readonly #store: FileStore

  constructor(parts: { redis: RedisClient; store: FileStore }) {
    this.#redis = parts.redis
    this.#store = parts.store
  }

  /** Stores a file for a scope, until then at least (epoch ms). @throws as the store does */
  async put(
    scope: string,
    pieces: AsyncIterable<Uint8Array>,
    limits: { maxBytes: number; untilMs: number },
  ): Promise<StoredFile> {
    const file = await this.#store.put(pieces, limits)
    await allowFile(this.#redis, scope, file.id, limits.untilMs)
    return file
  }

  /** @returns null where there is none that the scope may use */
  async find(scope: string, id: string): Promise<StoredFile | null> {
    if (!MEDIA_ID_PATTERN.test(id)) return null
    const isAllowed = scope === ALL_SESSIONS || (await mayUseFile(this.#redis, scope, id))
    return isAllowed ? await this.#store.stat(id) : null
  }

  /** Keeps a file for a scope that may use it, until then at least (epoch ms). @returns null where there is none */
  async keep(scope: string, id: string, untilMs: number): Promise<StoredFile | null> {
    const file = await this.#store.keep(id, untilMs)
    if (file !== null) await allowFile(this.#redis, scope, id, untilMs)
    return file
  }

  /** Of a file that was found. */
  open(id: string): Promise<Readable> {
    return this.#store.open(id)
  }
}
