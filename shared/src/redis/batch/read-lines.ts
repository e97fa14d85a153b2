import type { Redis } from 'ioredis'
import { keys } from '../keys.ts'

/**
 * Reads, at one moment, what earlier uploads of a batch left of some of its lines.
 * @param request the numbers of the first and the last line, and the Idempotency-Keys to look for, at least one
 * @returns the ids of the messages that were accepted on each line, and those of the keys that stand for a message
 */
export async function readLines(
  redis: Pick<Redis, 'multi'>,
  request: { sessionId: string; batchId: string; first: number; last: number; keyHashes: readonly string[] },
): Promise<{ accepted: ReadonlyMap<number, string[]>; known: ReadonlySet<string> }> {
  const { sessionId, batchId, first, last, keyHashes } = request
  const claims = keyHashes.map((keyHash) => keys.idempotency(sessionId, keyHash))
  const answers = await redis
    .multi()
    .zrange(keys.batchMessages(sessionId, batchId), String(first), String(last), 'BYSCORE', 'WITHSCORES')
    .mget(...claims)
    .exec()
  if (answers === null) throw new Error('a transaction was not carried out')
  const [messages = [], held = []] = answers.map(([error, answer]) => {
    if (error !== null) throw error
    return answer as (string | null)[]
  })
  const accepted = new Map<number, string[]>()
  for (let i = 0; i + 1 < messages.length; i += 2) {
    const line = Number(messages[i + 1])
    accepted.set(line, [...(accepted.get(line) ?? []), messages[i] as string])
  }
  return { accepted, known: new Set(keyHashes.filter((_, i) => held[i] !== null)) }
}
