import { type Converted, convertedSchema } from '../../messages/media.ts'
import type { RedisClient } from '../connection/redis-client.ts'
import { commandsOf } from '../connection/redis-commands.ts'
import { ALL_SESSIONS } from '../event/webhooks.ts'
import { keys } from '../keys.ts'

/**
 * Lets a session use a file of the store, until then at least (epoch ms): bytes are stored once, whoever brings them.
 * @param scope the session, or `ALL_SESSIONS`
 */
export async function allowFile(
  redis: RedisClient,
  scope: string,
  fileId: string,
  untilMs: number,
): Promise<void> {
  const key = keys.fileRight(scope, fileId)
  await commandsOf(redis).multi().set(key, '', 'PXAT', untilMs, 'NX').pexpireat(key, untilMs, 'GT').exec()
}

/** Whether the file was brought for this session, or for all. */
export async function mayUseFile(redis: RedisClient, sessionId: string, fileId: string): Promise<boolean> {
  const found = await Promise.all(
    [sessionId, ALL_SESSIONS].map((scope) => commandsOf(redis).exists(keys.fileRight(scope, fileId))),
  )
  return found.includes(1)
}

/** Remembers what a file was converted into for a kind of message, until then (epoch ms). */
export async function rememberConversion(
  redis: RedisClient,
  conversion: { fileId: string; kind: string; converted: Converted; untilMs: number },
): Promise<void> {
  const { fileId, kind, converted, untilMs } = conversion
  await commandsOf(redis).set(keys.conversion(fileId, kind), JSON.stringify(converted), 'PXAT', untilMs)
}

/** @returns null where it was not converted lately */
export async function readConversion(
  redis: RedisClient,
  fileId: string,
  kind: string,
): Promise<Converted | null> {
  const text = await commandsOf(redis).get(keys.conversion(fileId, kind))
  return text === null ? null : convertedSchema.parse(JSON.parse(text))
}

/** Remembers which file of the store a message of WhatsApp has. @param file JSON text */
export async function rememberFetchedFile(
  redis: RedisClient,
  fetched: { sessionId: string; messageId: string; file: string; untilMs: number },
): Promise<void> {
  const { sessionId, messageId, file, untilMs } = fetched
  await commandsOf(redis).set(keys.fetchedFile(sessionId, messageId), file, 'PXAT', untilMs)
}

/** @returns JSON text, null where it was not fetched lately */
export async function readFetchedFile(
  redis: RedisClient,
  sessionId: string,
  messageId: string,
): Promise<string | null> {
  return await commandsOf(redis).get(keys.fetchedFile(sessionId, messageId))
}
