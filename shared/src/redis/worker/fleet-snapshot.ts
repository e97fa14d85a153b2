import { type RestrictionKind, restrictionKinds } from '../../sessions/restriction.ts'
import type { SessionReason, SessionStatus } from '../../sessions/session-lifecycle.ts'
import { decidingFields, viewSession } from '../../sessions/session-view.ts'
import type { RedisClient } from '../connection/redis-client.ts'
import { defineScript, NOW, runScript } from '../script.ts'

/** Sessions looked at in one call: Redis serves nobody else meanwhile, for less than a millisecond. */
const LOOKED_AT_ONCE = 100
/** Between what is known of a session; nothing that is published holds it. */
const SEPARATOR = '|'
/** They differ from session to session; what matters is whether the one is there and the other is the lease's. */
const copiedFields = [
  ...decidingFields.filter((field) => field !== 'createdAt' && field !== 'token'),
  ...(['degraded', 'page', 'pageMissing', 'restriction'] as const),
]

/** Sessions of which the same is known are counted together, so that the answer is short however many there are. */
const READ_FLEET = defineScript(
  { offset: 'number', limit: 'number', copied: 'texts' },
  `${NOW}
local ids = redis.call('ZRANGE', keys.sessions, offset, offset + limit - 1)
local kinds, counts = {}, {}
local waiting, sending, oldest = 0, 0, now

local function kindOf(id)
  local fields = redis.call('HMGET', keys.session(id), 'createdAt', 'token', unpack(copied))
  local lease = redis.call('GET', keys.lease(id))
  local notBefore = redis.call('ZSCORE', keys.desired, id)
  local kind = { fields[1] and 'known' or '', lease and (lease == fields[2] and 'spoke' or 'silent') or '',
    notBefore and (tonumber(notBefore) > now and 'later' or 'due') or '' }
  for i = 1, #copied do kind[i + 3] = fields[i + 2] or '' end
  return table.concat(kind, '${SEPARATOR}')
end

for _, id in ipairs(ids) do
  local kind = kindOf(id)
  if not counts[kind] then kinds[#kinds + 1] = kind end
  counts[kind] = (counts[kind] or 0) + 1
  local first = redis.call('ZRANGE', keys.queued(id), 0, 0)[1]
  if first then
    waiting = waiting + redis.call('ZCARD', keys.queued(id))
    local acceptedAt, sendAt = unpack(redis.call('HMGET', keys.message(id, first), 'acceptedAt', 'sendAt'))
    -- One that was scheduled waits since it is due.
    if acceptedAt then oldest = math.min(oldest, math.max(acceptedAt, sendAt or 0)) end
  end
  sending = sending + redis.call('SCARD', keys.sending(id))
end
local found = {}
for i, kind in ipairs(kinds) do found[i] = { kind, counts[kind] } end
return { #ids, waiting, sending, now - oldest, found }
`,
)

export interface FleetSnapshot {
  /** How many sessions are shown as what; only what occurs. */
  sessions: { status: SessionStatus; reason: SessionReason; count: number }[]
  /** Sessions with a live lease. */
  owned: number
  /** Sessions that should run, are due and have no owner. */
  waitingForWorker: number
  /** Sessions whose owner says that their sends are in doubt. */
  degraded: number
  /** Sessions that run, by the page that they work with and whether it has all that is used of it. */
  pages: { page: string; isComplete: boolean; count: number }[]
  /** Sessions whose account WhatsApp restricts. */
  restricted: Partial<Record<RestrictionKind, number>>
  /** Messages in state `queued` and in state `sending`. */
  messages: { queued: number; sending: number }
  /** For how long the oldest message that is due has waited, ms; 0 where none waits. */
  oldestQueuedMs: number
}

/**
 * Looks at every known session once, a few in a call. Sessions that come or go meanwhile may be missed or met twice.
 */
export async function readFleetSnapshot(redis: RedisClient): Promise<FleetSnapshot> {
  const pages = new Map<string, FleetSnapshot['pages'][number]>()
  const shown = new Map<string, FleetSnapshot['sessions'][number]>()
  const snapshot = {
    owned: 0,
    waitingForWorker: 0,
    degraded: 0,
    restricted: {} as FleetSnapshot['restricted'],
    messages: { queued: 0, sending: 0 },
    oldestQueuedMs: 0,
  }
  for (let offset = 0; ; offset += LOOKED_AT_ONCE) {
    const [looked, queued, sending, oldestMs, kinds] = (await runScript(redis, READ_FLEET, {
      offset,
      limit: LOOKED_AT_ONCE,
      copied: copiedFields,
    })) as [number, number, number, number, [string, number][]]
    snapshot.messages.queued += queued
    snapshot.messages.sending += sending
    snapshot.oldestQueuedMs = Math.max(snapshot.oldestQueuedMs, oldestMs)
    for (const [known, count] of kinds) {
      const kind = toKind(known)
      if (kind.isOwned) snapshot.owned += count
      if (kind.isDegraded) snapshot.degraded += count
      const { restriction } = kind
      if (restriction !== undefined)
        snapshot.restricted[restriction] = count + (snapshot.restricted[restriction] ?? 0)
      if (kind.page !== null) {
        const { page, isComplete } = kind.page
        const key = `${page} ${isComplete}`
        pages.set(key, { page, isComplete, count: count + (pages.get(key)?.count ?? 0) })
      }
      if (kind.isDue && !kind.isOwned) snapshot.waitingForWorker += count
      const { status, reason } = kind.view
      const key = `${status} ${reason}`
      shown.set(key, { status, reason, count: count + (shown.get(key)?.count ?? 0) })
    }
    if (looked < LOOKED_AT_ONCE)
      return { ...snapshot, sessions: [...shown.values()], pages: [...pages.values()] }
  }
}

/** Sessions of one kind are shown alike: any two values stand for the same lease, and for before and after. */
function toKind(kind: string) {
  const [known, owner, due, ...copied] = kind.split(SEPARATOR)
  const fields = Object.fromEntries(
    copiedFields.flatMap((field, i) => (copied[i] === '' ? [] : [[field, copied[i] as string]])),
  )
  const view = viewSession({
    fields: {
      ...fields,
      ...(known === 'known' && { createdAt: '0' }),
      ...(owner === 'spoke' && { token: 'lease' }),
    },
    leaseToken: owner === '' ? null : 'lease',
    notBefore: due === '' ? null : Number(due === 'later'),
    nowMs: 0,
  })
  const isDegraded = owner === 'spoke' && 'degraded' in fields
  const page =
    owner === 'spoke' && 'page' in fields && fields.page !== undefined
      ? { page: fields.page, isComplete: !('pageMissing' in fields) }
      : null
  const restriction = restrictionKinds.find(
    (known) => 'restriction' in fields && fields.restriction === known,
  )
  return { view, restriction, isOwned: owner !== '', isDue: due === 'due', isDegraded, page }
}
