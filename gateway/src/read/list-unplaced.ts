import { keys } from '@wsg/shared/redis/keys.ts'
import { defineScript, runScript, type ScriptClient } from '@wsg/shared/redis/script.ts'

/** Sessions looked at in one call: Redis serves nobody else meanwhile. */
const LOOKED_AT_ONCE = 1_000

/**
 * KEYS: desired. ARGV: offset, limit, then the halves of the lease's, the session's and the placement job's key. They
 * are put together here, because which sessions are due is known only inside: this script does not fit a cluster.
 */
const LIST_UNPLACED = defineScript(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local ids = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', ARGV[1], ARGV[2])
local unplaced = {}
for _, id in ipairs(ids) do
  if redis.call('EXISTS', ARGV[3] .. id .. ARGV[4], ARGV[7] .. id .. ARGV[8]) == 0 then
    unplaced[#unplaced + 1] = id
    unplaced[#unplaced + 1] = redis.call('HGET', ARGV[5] .. id .. ARGV[6], 'savedLogin') or ''
  end
end
return { #ids, unplaced }
`)

/** The desired sessions that are due, have no owner and wait in no placement yet. */
export async function listUnplaced(
  redis: ScriptClient,
  placementJobKey: [before: string, after: string],
): Promise<{ sessionId: string; savedLogin: boolean }[]> {
  const found: { sessionId: string; savedLogin: boolean }[] = []
  for (let offset = 0; ; offset += LOOKED_AT_ONCE) {
    const halves = [...halvesOf(keys.lease), ...halvesOf(keys.session), ...placementJobKey]
    const [looked, unplaced] = (await runScript(
      redis,
      LIST_UNPLACED,
      [keys.desired],
      [offset, LOOKED_AT_ONCE, ...halves],
    )) as [number, string[]]
    for (let i = 0; i < unplaced.length; i += 2) {
      found.push({ sessionId: unplaced[i] as string, savedLogin: unplaced[i + 1] === '1' })
    }
    if (looked < LOOKED_AT_ONCE) return found
  }
}

function halvesOf(key: (id: string) => string): [string, string] {
  const [before = '', after = ''] = key('*').split('*')
  return [before, after]
}
