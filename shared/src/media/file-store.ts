import type { Readable } from 'node:stream'

export interface StoredFile {
  /** The SHA-256 of its bytes, in hex. */
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
  readonly reason: 'empty' | 'too_large' | 'store_full'

  constructor(reason: 'empty' | 'too_large' | 'store_full') {
    super(reason === 'store_full' ? 'the store is full' : `the file is ${reason.replace('_', ' ')}`)
    this.reason = reason
  }
}

/** Files under the hash of what is in them, which every gateway and worker finds, on whatever machine it runs. */
export interface FileStore {
  /**
   * Stores what comes, piece by piece, and keeps it until then at least (epoch ms). The same bytes are the same file.
   * @throws MediaRefused, and whatever reading threw; nothing is stored then
   */
  put(pieces: AsyncIterable<Uint8Array>, limits: { maxBytes: number; untilMs: number }): Promise<StoredFile>
  /** @returns null where there is none, or its time is over */
  stat(id: string): Promise<StoredFile | null>
  /** Keeps it until then at least (epoch ms). @returns null where there is none */
  keep(id: string, untilMs: number): Promise<StoredFile | null>
  /** Of a file that is there. */
  open(id: string): Promise<Readable>
  /** Where the bytes of a file that is there are on this machine, for a while. */
  localPath(id: string): Promise<string>
  /** Deletes what is not to be kept any more. @returns how many files */
  removeExpired(): Promise<number>
}
