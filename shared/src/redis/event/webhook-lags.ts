import type { RedisClient } from '../connection/redis-client.ts'
import { commandsOf } from '../connection/redis-commands.ts'
import { keys } from '../keys.ts'
import { defineScript, NOW, runScript } from '../script.ts'

/** Redis does nothing else for a millisecond or two then. */
const READ_AT_ONCE = 500

const READ = defineScript(
  { webhooks: 'texts' },
  `${NOW}
local found = {}
for _, webhook in ipairs(webhooks) do
  local scope, name = string.match(webhook, '^(.-)/(.*)$')
  local oldest = redis.call('ZRANGE', keys.deliveries(scope, name, 'pending'), 0, 0, 'WITHSCORES')[2]
  local retrying = redis.call('ZCARD', keys.deliveries(scope, name, 'retrying'))
  if oldest or retrying > 0 then
    local lagMs = oldest and math.max(0, now - math.floor(oldest)) or 0
    found[#found + 1] = { scope, name, lagMs, retrying }
  end
end
return found
`,
)

/** A webhook that has something to deliver, now or later. */
export interface WebhookLag {
  /** A session, or `*`. */
  scope: string
  name: string
  /** How long the oldest delivery that is due waits, in ms; 0 where none is. */
  lagMs: number
  /** Deliveries that failed for minutes, and are to be tried again. */
  retrying: number
}

/** How far behind each webhook is that is not up to date. What has nothing to deliver costs nothing. */
export async function readWebhookLags(redis: RedisClient): Promise<WebhookLag[]> {
  const due = await commandsOf(redis).zrange(keys.webhooksDue, 0, '-1')
  const found: WebhookLag[] = []
  for (let from = 0; from < due.length; from += READ_AT_ONCE) {
    const webhooks = due.slice(from, from + READ_AT_ONCE)
    const rows = (await runScript(redis, READ, { webhooks })) as [string, string, number, number][]
    found.push(...rows.map(([scope, name, lagMs, retrying]) => ({ scope, name, lagMs, retrying })))
  }
  return found
}
