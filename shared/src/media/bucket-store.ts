import { openAsBlob } from 'node:fs'
import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { S3mini } from 's3mini'
import { z } from 'zod'
import { MEDIA_ID_PATTERN } from '../messages/media.ts'
import { type FileStore, MediaRefused, type StoredFile } from './file-store.ts'
import { FolderStore } from './folder-store.ts'
import { Quota } from './quota.ts'

/** How long this machine has a copy of its own. */
const COPIED_FOR_MS = 3_600_000
const COPIES_REMOVED_EVERY_MS = 600_000
/** A file whose time is over stays a little longer: somebody may be bringing the same bytes again. */
const REMOVED_AFTER_MS = 3_600_000

export interface BucketSettings {
  /** The bucket's own address: `https://s3.example.org/bucket`. */
  endpoint: string
  region: string
  accessKeyId: string
  secretAccessKey: string
  quotaBytes: number
  /** Of this machine, for copies. */
  folder: string
}

const description = z.object({ mimetype: z.string(), extension: z.string(), size: z.number() })

/**
 * Files in an S3-compatible bucket, with copies for an hour in a folder of this machine. The bytes are under
 * `files/<id>`. Beside them lies one small object for each time until which somebody wants them kept,
 * `kept/<id>/<epoch ms>`: none of them is ever changed, so that two who keep one file cannot undo each other's word.
 */
export class BucketStore implements FileStore {
  readonly #bucket: S3mini
  readonly #copies: FolderStore
  readonly #quota: Quota
  #copiesRemovedAt = performance.now()

  constructor({ endpoint, region, accessKeyId, secretAccessKey, quotaBytes, folder }: BucketSettings) {
    this.#bucket = new S3mini({ endpoint, region, accessKeyId, secretAccessKey, fetch: countingFetch })
    this.#copies = new FolderStore(folder)
    this.#quota = new Quota(quotaBytes, async () =>
      (await this.#list('files/')).reduce((sum, { Size: size }) => sum + Number(size), 0),
    )
  }

  async put(
    pieces: AsyncIterable<Uint8Array>,
    { maxBytes, untilMs }: { maxBytes: number; untilMs: number },
  ): Promise<StoredFile> {
    this.#removeCopies()
    const leftBytes = await this.#quota.left()
    const limits = { maxBytes: Math.min(maxBytes, leftBytes), untilMs: copiedUntil() }
    const file = await this.#copies.put(pieces, limits).catch((error: unknown) => {
      const isTooLarge = error instanceof MediaRefused && error.reason === 'too_large'
      throw isTooLarge && leftBytes < maxBytes ? new MediaRefused('store_full') : error
    })
    await this.#keep(file, untilMs)
    // The bytes themselves: that somebody wants them kept may be left of an upload that failed.
    if (await this.#bucket.objectExists(`files/${file.id}`)) return file
    await this.#bucket.putObject(`files/${file.id}`, await openAsBlob(this.#copies.pathOf(file.id)))
    this.#quota.added(file.size)
    return file
  }

  async stat(id: string): Promise<StoredFile | null> {
    return (await this.#find(id))?.file ?? null
  }

  async keep(id: string, untilMs: number): Promise<StoredFile | null> {
    const found = await this.#find(id)
    if (found === null) return null
    if (found.keptUntil < untilMs) await this.#keep(found.file, untilMs)
    return found.file
  }

  async open(id: string): Promise<Readable> {
    await this.localPath(id)
    return await this.#copies.open(id)
  }

  async localPath(id: string): Promise<string> {
    this.#removeCopies()
    if ((await this.#copies.keep(id, copiedUntil())) === null) await this.#copy(id)
    return this.#copies.pathOf(id)
  }

  async removeExpired(): Promise<number> {
    await this.#copies.removeExpired()
    const kept = new Map<string, number[]>()
    for (const { Key: key } of await this.#list('kept/')) {
      const [, id = '', until] = key.split('/')
      kept.set(id, [...(kept.get(id) ?? []), Number(until)])
    }
    let removed = 0
    for (const [id, untils] of kept) {
      if (Math.max(...untils) > Date.now() - REMOVED_AFTER_MS) continue
      await this.#bucket.deleteObject(`files/${id}`)
      for (const until of untils) await this.#bucket.deleteObject(`kept/${id}/${until}`)
      removed += 1
    }
    return removed
  }

  async #find(id: string): Promise<{ file: StoredFile; keptUntil: number } | null> {
    if (!MEDIA_ID_PATTERN.test(id)) return null
    const keptUntil = await this.#keptUntil(id)
    if (keptUntil === null || keptUntil < Date.now()) return null
    const text = await this.#bucket.getObject(`kept/${id}/${keptUntil}`)
    return text === null ? null : { file: { id, ...description.parse(JSON.parse(text)) }, keptUntil }
  }

  /** @returns the latest time, epoch ms; null where there is none */
  async #keptUntil(id: string): Promise<number | null> {
    const untils = (await this.#list(`kept/${id}/`)).map(({ Key: key }) => Number(key.split('/')[2]))
    return untils.length === 0 ? null : Math.max(...untils)
  }

  async #keep({ id, ...told }: StoredFile, untilMs: number): Promise<void> {
    await this.#bucket.putObject(`kept/${id}/${Math.ceil(untilMs)}`, JSON.stringify(told), 'application/json')
  }

  async #copy(id: string): Promise<void> {
    const answer = await this.#bucket.getObjectResponse(`files/${id}`)
    if (answer?.body == null) throw new Error('the bucket does not have this file')
    const pieces = Readable.fromWeb(answer.body as ReadableStream)
    const { id: copied } = await this.#copies.put(pieces, {
      ...{ maxBytes: Number.POSITIVE_INFINITY, untilMs: copiedUntil() },
    })
    if (copied !== id) throw new Error('the bucket gave other bytes for this file')
  }

  async #list(prefix: string) {
    return (await this.#bucket.listObjects('/', prefix)) ?? []
  }

  #removeCopies(): void {
    if (performance.now() - this.#copiesRemovedAt < COPIES_REMOVED_EVERY_MS) return
    this.#copiesRemovedAt = performance.now()
    this.#copies.removeExpired().catch(() => {})
  }
}

function copiedUntil(): number {
  return Date.now() + COPIED_FOR_MS
}

/**
 * `fetch` counts the bytes of a body itself. s3mini tells them too, and the undici of the gateway, which serves every `fetch` of
 * its process, refuses a length that is told twice.
 */
const countingFetch: typeof fetch = async (address, request) => {
  const headers = new Headers(request?.headers)
  headers.delete('content-length')
  return await fetch(address, { ...request, headers })
}
