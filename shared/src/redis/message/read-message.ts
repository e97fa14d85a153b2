import type { MessageState } from '../../messages/message-lifecycle.ts'
import { fromHash, type MessageRecord, messageRecordSchema } from '../../messages/message-record.ts'
import type { RedisClient } from '../connection/redis-client.ts'
import { commandsOf } from '../connection/redis-commands.ts'
import { keys } from '../keys.ts'

/**
 * @returns null where the session has no such message
 * @throws ZodError where this version cannot read the record
 */
export async function readMessage(
  redis: RedisClient,
  sessionId: string,
  messageId: string,
): Promise<MessageRecord | null> {
  return fromHash(await commandsOf(redis).hgetall(keys.message(sessionId, messageId)))
}

/** @returns null where the session has no such message */
export async function readMessageState(
  redis: RedisClient,
  sessionId: string,
  messageId: string,
): Promise<MessageState | null> {
  return (await commandsOf(redis).hget(keys.message(sessionId, messageId), 'state')) as MessageState | null
}

/** A message without its text. */
export type ListedMessage = Omit<MessageRecord, 'content'>

const listedSchema = messageRecordSchema.omit({ content: true })
const listedFields = Object.keys(listedSchema.shape)

/** @returns null for each that is gone. @throws ZodError where this version cannot read one of the records */
export async function readListed(
  redis: RedisClient,
  sessionId: string,
  messageIds: readonly string[],
): Promise<(ListedMessage | null)[]> {
  return await Promise.all(
    messageIds.map(async (id) => {
      const values = await commandsOf(redis).hmget(keys.message(sessionId, id), ...listedFields)
      const present = listedFields.flatMap((field, i) => {
        const value = values[i]
        return value === null || value === undefined ? [] : [[field, value] as const]
      })
      return present.length === 0 ? null : listedSchema.parse(Object.fromEntries(present))
    }),
  )
}

/**
 * The message that an Idempotency-Key stands for, null where it is new.
 * @param key SHA-256 of it, and the batch where it is the key of one of its lines
 */
export async function readClaim(
  redis: RedisClient,
  sessionId: string,
  { keyHash, batchId }: { keyHash: string; batchId: string | null },
): Promise<{ fingerprint: string; messageId: string } | null> {
  const commands = commandsOf(redis)
  const claim =
    batchId === null
      ? await commands.get(keys.idempotency(sessionId, keyHash))
      : await commands.hget(keys.batchKeys(sessionId, batchId), keyHash)
  const [fingerprint, messageId] = claim?.split(' ') ?? []
  return fingerprint === undefined || messageId === undefined ? null : { fingerprint, messageId }
}
