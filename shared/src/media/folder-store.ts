import { createHash, randomUUID } from 'node:crypto'
import { createReadStream, type ReadStream } from 'node:fs'
import { chmod, mkdir, open, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { MEDIA_ID_PATTERN } from '../messages/media.ts'
import { type FileStore, MediaRefused, type StoredFile } from './file-store.ts'
import { Quota } from './quota.ts'

export const OCTET_STREAM = 'application/octet-stream'

/** Chromium may run as another user, who has to read a file whose name it knows. Nobody may list the names. */
const FOLDER_MODE = 0o711
const FILE_MODE = 0o644
/** What was being written this long ago was left by a process that died. */
const UNFINISHED_MS = 3_600_000

/**
 * Files under the hash of what is in them, in one folder that gateways and workers share. Beside each lies a small one with
 * its type, whose time of change is the moment until which both are kept. The time of the file itself is left alone, because
 * a Chromium that is reading it takes a change for another file.
 */
export class FolderStore implements FileStore {
  readonly #folder: string
  readonly #quota: Quota

  /** @param quotaBytes how much it may hold */
  constructor(folder: string, quotaBytes = Number.POSITIVE_INFINITY) {
    this.#folder = resolve(folder)
    this.#quota = new Quota(quotaBytes, () => this.#sizeOfAll())
  }

  async put(
    pieces: AsyncIterable<Uint8Array>,
    { maxBytes, untilMs }: { maxBytes: number; untilMs: number },
  ): Promise<StoredFile> {
    await mkdir(this.#folder, { recursive: true })
    await chmod(this.#folder, FOLDER_MODE)
    const unfinished = join(this.#folder, `${randomUUID()}.part`)
    try {
      const leftBytes = await this.#quota.left()
      const { id, size } = await write(pieces, unfinished, { maxBytes, leftBytes })
      const file = { id, size, ...(await typeOf(unfinished)) }
      if ((await this.stat(id)) === null) this.#quota.added(size)
      await this.#describe(file, untilMs)
      await rename(unfinished, this.pathOf(id))
      return file
    } catch (error) {
      await rm(unfinished, { force: true })
      throw error
    }
  }

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

  async open(id: string): Promise<ReadStream> {
    return createReadStream(this.pathOf(id))
  }

  async localPath(id: string): Promise<string> {
    return this.pathOf(id)
  }

  /** Where its bytes are on this machine. */
  pathOf(id: string): string {
    if (!MEDIA_ID_PATTERN.test(id)) throw new Error('this is no id of a file')
    return join(this.#folder, id)
  }

  async keep(id: string, untilMs: number): Promise<StoredFile | null> {
    const file = await this.stat(id)
    if (file === null) return null
    const description = this.#descriptionOf(id)
    const { mtimeMs } = await stat(description)
    if (mtimeMs < untilMs) await utimes(description, untilMs / 1_000, untilMs / 1_000)
    return file
  }

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

  async #sizeOfAll(): Promise<number> {
    let bytes = 0
    for (const name of await readdir(this.#folder).catch(noFolder))
      if (MEDIA_ID_PATTERN.test(name))
        bytes += (await stat(join(this.#folder, name)).catch(() => ({ size: 0 }))).size
    return bytes
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
  { maxBytes, leftBytes }: { maxBytes: number; leftBytes: number },
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
      if (size > leftBytes) throw new MediaRefused('store_full')
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
