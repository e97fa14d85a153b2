import type { Ground } from './ground.ts'
import type { Load } from './load.ts'
import { customers } from './phones.ts'

const CONNECTIONS = 32
const BODIES = customers(100).map((to) => JSON.stringify({ to, message: 'a message of the benchmark' }))

/** Sends to be accepted, as fast as they are answered, for one session of the gateway. */
export function acceptLoad(
  ground: Pick<Ground, 'port' | 'token'>,
  session: string,
  limit: { count?: number; forMs?: number },
): Load {
  const { count = Number.MAX_SAFE_INTEGER, forMs = 600_000 } = limit
  return {
    port: ground.port,
    path: '/send?wait=none',
    headers: { authorization: `Bearer ${ground.token}`, 'x-session-id': session },
    bodies: BODIES,
    connections: CONNECTIONS,
    count,
    forMs,
  }
}
