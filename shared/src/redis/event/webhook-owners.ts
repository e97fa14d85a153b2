import type { RedisClient } from '../connection/redis-client.ts'
import { defineScript, NOW, runScript } from '../script.ts'
import type { WebhookKey } from './webhooks.ts'

const TAKE_DUE = defineScript(
  { gateway: 'text', ttlMs: 'number', limit: 'number' },
  `${NOW}
local taken = {}
for _, webhook in ipairs(redis.call('ZRANGEBYSCORE', keys.webhooksDue, '-inf', now, 'LIMIT', 0, limit)) do
  local scope, name = string.match(webhook, '^(.-)/(.*)$')
  if redis.call('HEXISTS', keys.webhookFilters(scope), name) == 0 then
    redis.call('ZREM', keys.webhooksDue, webhook)
  elseif redis.call('SET', keys.webhookOwner(scope, name), gateway, 'PX', ttlMs, 'NX') then
    redis.call('ZADD', keys.webhooksDue, now + ttlMs, webhook)
    taken[#taken + 1] = { scope, name }
  else
    redis.call('ZADD', keys.webhooksDue, now + redis.call('PTTL', keys.webhookOwner(scope, name)), webhook)
  end
end
return taken
`,
)

/** Takes webhooks with something to deliver that no gateway delivers for. */
export async function takeDueWebhooks(
  redis: RedisClient,
  request: { gatewayId: string; ttlMs: number; limit: number },
): Promise<WebhookKey[]> {
  const { gatewayId: gateway, ttlMs, limit } = request
  const taken = (await runScript(redis, TAKE_DUE, { gateway, ttlMs, limit })) as [string, string][]
  return taken.map(([scope, name]) => ({ scope, name }))
}

const KEEP_OWNED = defineScript(
  { scope: 'text', name: 'text', gateway: 'text', ttlMs: 'number', isDone: 'flag' },
  `${NOW}
local owner, webhook = keys.webhookOwner(scope, name), scope .. '/' .. name
if redis.call('GET', owner) ~= gateway then return 'lost' end
if redis.call('HEXISTS', keys.webhookFilters(scope), name) == 0 then
  redis.call('DEL', owner)
  redis.call('ZREM', keys.webhooksDue, webhook)
  return 'lost'
end
if isDone and redis.call('ZCARD', keys.deliveries(scope, name, 'pending')) == 0 then
  local next = redis.call('ZRANGE', keys.deliveries(scope, name, 'retrying'), 0, 0, 'WITHSCORES')[2]
  redis.call('DEL', owner)
  if next then redis.call('ZADD', keys.webhooksDue, next, webhook) else redis.call('ZREM', keys.webhooksDue, webhook) end
  return 'released'
end
redis.call('PEXPIRE', owner, ttlMs)
redis.call('ZADD', keys.webhooksDue, now + ttlMs, webhook)
return 'kept'
`,
)

/**
 * Keeps a webhook for `ttlMs` more, or lets go of it where the gateway is done and nothing is due any more.
 * @returns `lost` where another gateway may deliver for it, or it was removed or disabled
 */
export async function keepWebhook(
  redis: RedisClient,
  { scope, name }: WebhookKey,
  request: { gatewayId: string; ttlMs: number; isDone: boolean },
): Promise<'kept' | 'released' | 'lost'> {
  const { gatewayId: gateway, ttlMs, isDone } = request
  return (await runScript(redis, KEEP_OWNED, { scope, name, gateway, ttlMs, isDone })) as
    | 'kept'
    | 'released'
    | 'lost'
}

const HAND_ON = defineScript(
  { scope: 'text', name: 'text', gateway: 'text' },
  `${NOW}
if redis.call('GET', keys.webhookOwner(scope, name)) ~= gateway then return end
redis.call('DEL', keys.webhookOwner(scope, name))
redis.call('ZADD', keys.webhooksDue, 'XX', now, scope .. '/' .. name)
redis.call('PUBLISH', keys.eventNews, 'due')
`,
)

/** Lets go of a webhook at once, so that another gateway goes on. */
export async function handOnWebhook(
  redis: RedisClient,
  { scope, name }: WebhookKey,
  gatewayId: string,
): Promise<void> {
  await runScript(redis, HAND_ON, { scope, name, gateway: gatewayId })
}
