import { maskedProxy, type StoredProxy, storedProxySchema } from '../../net/proxy-address.ts'
import type { RedisClient } from '../connection/redis-client.ts'
import { commandsOf } from '../connection/redis-commands.ts'
import { keys } from '../keys.ts'
import { defineScript, NOW, runScript } from '../script.ts'
import type { SettingAnswer } from './queue-settings.ts'
import { notify } from './session-notifications.ts'

/**
 * A session that is given a proxy exists from then on, stopped, so that not even its first browser goes without. One that rests
 * after a fault is due at once: the proxy may have been what was wrong.
 */
const SET_PROXY = defineScript(
  { session: 'text', proxy: 'text?', shown: 'text?' },
  `${NOW}
local fields = keys.session(session)
local createdAt, deleting = unpack(redis.call('HMGET', fields, 'createdAt', 'deleting'))
if deleting == '1' then return 'deleting' end
if not createdAt then
  if not proxy then return 'not_found' end
  redis.call('HSET', fields, 'createdAt', now, 'stopped', 'operator')
  redis.call('ZADD', keys.sessions, 'NX', now, session)
end
if proxy then
  redis.call('SET', keys.proxy(session), proxy)
  redis.call('HSET', fields, 'proxy', shown)
else
  redis.call('DEL', keys.proxy(session))
  redis.call('HDEL', fields, 'proxy')
end
redis.call('ZADD', keys.desired, 'XX', 'LT', now, session)
${notify('proxy')}
return 'done'
`,
)

/** Has a session go through a proxy; null for none of its own. Its owner is told. */
export async function setProxy(
  redis: RedisClient,
  sessionId: string,
  proxy: StoredProxy | null,
): Promise<SettingAnswer> {
  const stored =
    proxy === null
      ? { proxy: null, shown: null }
      : { proxy: JSON.stringify(proxy), shown: maskedProxy(proxy.url) }
  return (await runScript(redis, SET_PROXY, { session: sessionId, ...stored })) as SettingAnswer
}

/** @returns the proxy of a session, null where it has none of its own */
export async function readProxy(redis: RedisClient, sessionId: string): Promise<StoredProxy | null> {
  const stored = await commandsOf(redis).get(keys.proxy(sessionId))
  return stored === null ? null : storedProxySchema.parse(JSON.parse(stored))
}
