import type { RedisClient } from '../connection/redis-client.ts'
import { commandsOf } from '../connection/redis-commands.ts'
import { keys } from '../keys.ts'
import { pairsToObject } from '../script.ts'

const KEPT = 10_000
const READ_AT_ONCE = 500

/** What somebody changed. */
export interface AuditEntry {
  /** Name of the token. */
  by: string
  /** The request, `PUT /webhooks/:name`. */
  request: string
  /** What its address names, as JSON: `{"name":"crm"}`. */
  named: string
  status: string
  requestId: string
  /** Empty where it concerned no single session. */
  sessionId: string
}

/** Writes what was changed. About 10,000 entries are kept: the oldest go. */
export async function writeAudit(redis: RedisClient, entry: AuditEntry): Promise<void> {
  await commandsOf(redis).xadd(keys.audit, 'MAXLEN', '~', KEPT, '*', ...Object.entries(entry).flat())
}

/**
 * The newest first, of those that the caller may see.
 * @param before id of the last entry of the page before; null for the first page
 */
export async function readAudit(
  redis: RedisClient,
  request: { before: string | null; limit: number; isVisible: (entry: AuditEntry) => boolean },
): Promise<(AuditEntry & { id: string })[]> {
  const { limit, isVisible } = request
  const visible: (AuditEntry & { id: string })[] = []
  for (let before = request.before; ; ) {
    const end = before === null ? '+' : `(${before}`
    const found = await commandsOf(redis).xrevrange(keys.audit, end, '-', 'COUNT', READ_AT_ONCE)
    for (const [id, flat] of found) {
      const entry = pairsToObject(flat) as unknown as AuditEntry
      if (isVisible(entry)) visible.push({ ...entry, id })
      if (visible.length === limit) return visible
    }
    before = found.at(-1)?.[0] ?? null
    if (found.length < READ_AT_ONCE) return visible
  }
}
