import type { StoredFile } from '@wsg/shared/media/file-store.ts'
import { safeFileName } from '@wsg/shared/media/safe-file-name.ts'
import { MESSAGE_ID_PATTERN, type MessageRecord } from '@wsg/shared/messages/message-record.ts'
import { operations } from '@wsg/shared/operations/operations.ts'
import type { RedisClient } from '@wsg/shared/redis/connection/redis-client.ts'
import { readMessage } from '@wsg/shared/redis/message/read-message.ts'
import { readFetchedFile, rememberFetchedFile } from '@wsg/shared/redis/session/session-files.ts'
import type { z } from 'zod'
import { Problem } from '../http/problem.ts'
import type { SessionFiles } from './session-files.ts'

const fetchedSchema = operations['message.media'].output
type Fetched = z.infer<typeof fetchedSchema>

/** A file as it is given to a caller. */
export interface NamedFile extends StoredFile {
  filename?: string
}

interface MessageFilesParts {
  redis: RedisClient
  files: SessionFiles
  /** How long a file that was fetched is kept. */
  retentionMs: number
}

/** The files of messages: those that were sent through us, and those that were fetched from WhatsApp lately. */
export class MessageFiles {
  readonly #parts: MessageFilesParts

  constructor(parts: MessageFilesParts) {
    this.#parts = parts
  }

  /**
   * @param messageId ours, or WhatsApp's full one
   * @returns null where WhatsApp has to be asked for it
   * @throws Problem message_without_media where one of ours has no file
   */
  async find(sessionId: string, messageId: string): Promise<NamedFile | null> {
    const record = await this.#recordOf(sessionId, messageId)
    if (record !== null) return await this.#fileOf(record)
    const text = await readFetchedFile(this.#parts.redis, sessionId, messageId)
    return text === null
      ? null
      : await this.#named(sessionId, messageId, fetchedSchema.parse(JSON.parse(text)))
  }

  /** Takes in what a worker has brought into the store for a message. @throws Problem media_not_found where it is gone */
  async take(sessionId: string, messageId: string, fetched: Fetched): Promise<NamedFile> {
    const untilMs = Date.now() + this.#parts.retentionMs
    await this.#parts.files.keep(sessionId, fetched.upload, untilMs)
    const file = JSON.stringify(fetched)
    await rememberFetchedFile(this.#parts.redis, { sessionId, messageId, file, untilMs })
    const named = await this.#named(sessionId, messageId, fetched)
    if (named === null) throw new Problem('media_not_found')
    return named
  }

  async #recordOf(sessionId: string, messageId: string): Promise<MessageRecord | null> {
    const ours = messageId.split('_').find((part) => MESSAGE_ID_PATTERN.test(part))
    return ours === undefined ? null : await readMessage(this.#parts.redis, sessionId, ours)
  }

  async #fileOf({ id, sessionId, content, converted }: MessageRecord): Promise<NamedFile | null> {
    if (!('media' in content) || !('upload' in content.media)) throw new Problem('message_without_media')
    const { upload, mimetype } = converted ?? content.media
    const filename = 'filename' in content ? content.filename : undefined
    return await this.#named(sessionId, id, {
      upload,
      ...(mimetype !== undefined && { mimetype }),
      ...(filename !== undefined && { filename }),
    })
  }

  async #named(
    sessionId: string,
    messageId: string,
    { upload, mimetype, filename }: Partial<Fetched> & Pick<Fetched, 'upload'>,
  ): Promise<NamedFile | null> {
    const file = await this.#parts.files.find(sessionId, upload)
    if (file === null) return null
    const name = filename ?? messageId.split('_')[2] ?? messageId
    return { ...file, mimetype: mimetype ?? file.mimetype, filename: safeFileName(name, file.extension) }
  }
}
