import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { Run } from './data-folder.ts'
import { forkProgram, KeptChild } from './kept-child.ts'
import type { LocalConfig } from './local-config.ts'
import { StartFailure } from './running-parts.ts'

const MAIN = join(import.meta.dirname, '../gateway/src/main.ts')

/** Runs the gateway; after a fault it comes back on the same port. `ready` is the port. */
export async function startGateway(
  { port }: LocalConfig,
  { log, ledger, note }: Run,
  environment: NodeJS.ProcessEnv,
): Promise<KeptChild<number>> {
  return await KeptChild.start<number>({
    name: 'The gateway',
    role: 'gateway',
    start: (bound) =>
      forkProgram(MAIN, [], { ...environment, PORT: String(bound ?? port) }, ['ignore', log, log, 'ipc']),
    // All that it says: where it listens.
    becomesReady: async (gateway) => ((await once(gateway, 'message')) as [{ port: number }])[0].port,
    startLimitMs: 30_000,
    stopLimitMs: 10_000,
    ledger,
    note,
  })
}

/**
 * Tries the gateway's address before anything is started.
 * @throws StartFailure where it cannot be listened on
 */
export async function refuseTakenAddress({ host, port }: LocalConfig): Promise<void> {
  const probe = createServer()
  try {
    probe.listen(port, host)
    await once(probe, 'listening')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EADDRINUSE') {
      throw new StartFailure(`Port ${port} on ${host} is in use. Stop what listens there, or set PORT.`)
    }
    throw new StartFailure(`Cannot listen on ${host} port ${port} (${code}). Look at HOST and PORT.`)
  }
  probe.close()
  await once(probe, 'close')
}
