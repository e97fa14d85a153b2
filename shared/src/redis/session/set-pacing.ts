import type { PacingChanges } from '../../messages/pacing.ts'
import { keys } from '../keys.ts'
import { defineScript, runScript, type ScriptClient } from '../script.ts'
import { notify } from './session-notifications.ts'

/** KEYS: session. ARGV: the pacing as JSON (empty: the defaults), the channel of notifications. */
const SET_PACING = defineScript(`
if not redis.call('HGET', KEYS[1], 'createdAt') then return 'not_found' end
if redis.call('HGET', KEYS[1], 'deleting') == '1' then return 'deleting' end
if ARGV[1] == '' then redis.call('HDEL', KEYS[1], 'pacing') else redis.call('HSET', KEYS[1], 'pacing', ARGV[1]) end
${notify('ARGV[2]', 'queue_settings')}
return 'done'
`)

/** Writes what a session changes of the default pacing; null for nothing. Its owner learns it as it learns of a pause. */
export async function setPacing(
  redis: ScriptClient,
  sessionId: string,
  changes: PacingChanges | null,
): Promise<'done' | 'deleting' | 'not_found'> {
  const stored = changes === null ? '' : JSON.stringify(changes)
  return (await runScript(
    redis,
    SET_PACING,
    [keys.session(sessionId)],
    [stored, keys.notifications(sessionId)],
  )) as 'done' | 'deleting' | 'not_found'
}
