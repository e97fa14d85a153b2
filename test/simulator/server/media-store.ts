import { createHash, randomUUID } from 'node:crypto'
import { createReadStream, createWriteStream, mkdirSync, type ReadStream, rmSync, statSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'

const DIRECT_PATH = '/mms/file/'

export interface StoredFile {
  /** Base64 of the SHA-256 of the bytes. */
  filehash: string
  /** Bytes. */
  size: number
  /** Path of the URL under which a page gets it. */
  directPath: string
}

/** The files of media messages, on disk under their hash. */
export class MediaStore {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
    mkdirSync(folder, { recursive: true })
  }

  /** Stores what a stream brings. Rejects, and stores nothing, when it breaks off. */
  async store(from: Readable | Buffer): Promise<StoredFile> {
    const unfinished = join(this.#folder, `${randomUUID()}.part`)
    const hash = createHash('sha256')
    let size = 0
    const measure = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        hash.update(chunk)
        size += chunk.length
        done(null, chunk)
      },
    })
    try {
      const source = from instanceof Readable ? from : Readable.from([from])
      await pipeline(source, measure, createWriteStream(unfinished))
      const filehash = hash.digest('base64')
      await rename(unfinished, this.#path(filehash))
      return { filehash, size, directPath: directPathOf(filehash) }
    } catch (error) {
      await rm(unfinished, { force: true })
      throw error
    }
  }

  /** Undefined where there is no such file. */
  open(filehash: string): { size: number; stream: () => ReadStream } | undefined {
    const path = this.#path(filehash)
    const stats = statSync(path, { throwIfNoEntry: false })
    return stats?.isFile() ? { size: stats.size, stream: () => createReadStream(path) } : undefined
  }

  /** @returns false where there is no such file */
  remove(filehash: string): boolean {
    if (!this.open(filehash)) return false
    rmSync(this.#path(filehash))
    return true
  }

  /** The hash that a path of a page's request names. */
  static hashOf(pathname: string): string | undefined {
    if (!pathname.startsWith(DIRECT_PATH)) return undefined
    return Buffer.from(pathname.slice(DIRECT_PATH.length), 'base64url').toString('base64')
  }

  clear(): void {
    rmSync(this.#folder, { recursive: true, force: true })
    mkdirSync(this.#folder, { recursive: true })
  }

  #path(filehash: string): string {
    return join(this.#folder, Buffer.from(filehash, 'base64').toString('base64url'))
  }
}

function directPathOf(filehash: string): string {
  return `${DIRECT_PATH}${Buffer.from(filehash, 'base64').toString('base64url')}`
}
