import { createHash, randomUUID } from 'node:crypto'
import { createReadStream, type ReadStream } from 'node:fs'
import { chmod, mkdir, open, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { MEDIA_ID_PATTERN } from '../messages/media.ts'

export const OCTET_STREAM = 'application/octet-stream'

/** Chromium may run as another user, who has to read a file whose name it knows. Nobody may list the names. */
const FOLDER_MODE = 0o711
const FILE_MODE = 0o644
/** What was being written this long ago was left by a process that died. */
const UNFINISHED_MS = 3_600_000

export interface StoredFile {
  id: string
  /** Told from the bytes; `application/octet-stream` where they do not tell. */
  mimetype: string
  /** The ending that goes with it, without a dot; empty where the bytes do not tell. */
  extension: string
  /** Bytes. */
  size: number
}

/** Why bytes were not stored. */
export class MediaRefused extends Error {
  override readonly name = 'MediaRefused'
  readonly reason: 'empty' | 'too_large'

  constructor(reason: 'empty' | 'too_large') {
    super(`the file is ${reason.replace('_', ' ')}`)
    this.reason = reason
  }
}

/**
 * Files under the hash of what is in them, in one folder that gateways and workers share. Beside each lies a small one with
 * its type, whose time of change is the moment until which both are kept. The time of the file itself is left alone, because
 * a Chromium that is reading it takes a change for another file.
 */
export class MediaStore {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = resolve(folder)
  }

  /**
   * Stores what comes, piece by piece, and keeps it until then at least (epoch ms). The same bytes are the same file.
   * @throws MediaRefused, and whatever reading threw; nothing is stored then
   */
  async put(
    pieces: AsyncIterable<Uint8Array>,
    { maxBytes, untilMs }: { maxBytes: number; untilMs: number },
  ): Promise<StoredFile> {
    await mkdir(this.#folder, { recursive: true })
    await chmod(this.#folder, FOLDER_MODE)
    const unfinished = join(this.#folder, `${randomUUID()}.part`)
    try {
      const { id, size } = await write(pieces, unfinished, maxBytes)
      const file = { id, size, ...(await typeOf(unfinished)) }
      await this.#describe(file, untilMs)
      await rename(unfinished, this.pathOf(id))
      return file
    } catch (error) {
      await rm(unfinished, { force: true })
      throw error
    }
  }

  /** @returns null where there is none, or its time is over */
  async stat(id: string): Promise<StoredFile | null> {
    try {
      const [description, { mtimeMs }, { size }] = await Promise.all([
        readFile(this.#descriptionOf(id), 'utf8'),
        stat(this.#descriptionOf(id)),
        stat(this.pathOf(id)),
      ])
      if (mtimeMs < Date.now()) return null
      return { id, size, ...(JSON.parse(description) as { mimetype: string; extension: string }) }
    } catch (error) {
      if (isAbsent(error)) return null
      throw error
    }
  }

  open(id: string): ReadStream {
    return createReadStream(this.pathOf(id))
  }

  /** Where its bytes are on this machine. */
  pathOf(id: string): string {
    if (!MEDIA_ID_PATTERN.test(id)) throw new Error('this is no id of a file')
    return join(this.#folder, id)
  }

  /** Keeps it until then at least (epoch ms). @returns null where there is none */
  async keep(id: string, untilMs: number): Promise<StoredFile | null> {
    const file = await this.stat(id)
    if (file === null) return null
    const description = this.#descriptionOf(id)
    const { mtimeMs } = await stat(description)
    if (mtimeMs < untilMs) await utimes(description, untilMs / 1_000, untilMs / 1_000)
    return file
  }

  /** Deletes what is not to be kept any more. @returns how many files */
  async removeExpired(): Promise<number> {
    let removed = 0
    for (const name of await readdir(this.#folder).catch(noFolder)) {
      const path = join(this.#folder, name)
      const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }))
      if (name.endsWith('.part') && mtimeMs < Date.now() - UNFINISHED_MS) await rm(path, { force: true })
      if (!name.endsWith('.json') || mtimeMs >= Date.now()) continue
      await rm(join(this.#folder, name.slice(0, -'.json'.length)), { force: true })
      await rm(path, { force: true })
      removed += 1
    }
    return removed
  }

  async #describe({ id, mimetype, extension }: StoredFile, untilMs: number): Promise<void> {
    // What is kept for longer, for a message that waits, stays so.
    if ((await this.keep(id, untilMs)) !== null) return
    const unfinished = join(this.#folder, `${randomUUID()}.part`)
    await writeFile(unfinished, JSON.stringify({ mimetype, extension }))
    await utimes(unfinished, untilMs / 1_000, untilMs / 1_000)
    await rename(unfinished, this.#descriptionOf(id))
  }

  #descriptionOf(id: string): string {
    return `${this.pathOf(id)}.json`
  }
}

async function write(
  pieces: AsyncIterable<Uint8Array>,
  path: string,
  maxBytes: number,
): Promise<{ id: string; size: number }> {
  const hash = createHash('sha256')
  let size = 0
  const file = await open(path, 'wx', FILE_MODE)
  try {
    // Whatever the process' umask says.
    await file.chmod(FILE_MODE)
    for await (const piece of pieces) {
      size += piece.length
      if (size > maxBytes) throw new MediaRefused('too_large')
      hash.update(piece)
      await file.writeFile(piece)
    }
    if (size === 0) throw new MediaRefused('empty')
    await file.datasync()
  } finally {
    await file.close()
  }
  return { id: hash.digest('hex'), size }
}

async function typeOf(path: string): Promise<{ mimetype: string; extension: string }> {
  // Loaded where the first file is stored: a worker stores none.
  const { fileTypeFromFile } = await import('file-type')
  const found = await fileTypeFromFile(path)
  return { mimetype: found?.mime ?? OCTET_STREAM, extension: found?.ext ?? '' }
}

function isAbsent(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT'
}

function noFolder(error: unknown): string[] {
  if (isAbsent(error)) return []
  throw error
}
