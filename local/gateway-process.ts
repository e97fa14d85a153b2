import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { z } from 'zod'
import { type KeptChild, keepChild } from './kept-child.ts'
import type { LocalConfig } from './local-config.ts'
import type { Run } from './open-data.ts'
import { StartFailure } from './start-failure.ts'

const MAIN = join(import.meta.dirname, '../gateway/src/main.ts')
const START_LIMIT_MS = 30_000
const STOP_LIMIT_MS = 10_000

const listeningSchema = z.object({ type: z.literal('listening'), port: z.number().int() })

/** Runs the gateway; after a fault it comes back on the same port. `ready` is the port. */
export async function startGateway(
  { port }: LocalConfig,
  { log, ledger, note }: Run,
  environment: NodeJS.ProcessEnv,
): Promise<KeptChild<number>> {
  return await keepChild<number>({
    name: 'gateway',
    role: 'gateway',
    file: MAIN,
    start: (bound) => ({ args: [], environment: { ...environment, PORT: String(bound ?? port) } }),
    stdout: log,
    stderr: log,
    becomesReady: portOf,
    startLimitMs: START_LIMIT_MS,
    stopLimitMs: STOP_LIMIT_MS,
    ledger,
    note,
  })
}

function portOf(gateway: ChildProcess): Promise<number> {
  return new Promise((resolve) => {
    gateway.on('message', (message) => {
      const said = listeningSchema.safeParse(message)
      if (said.success) resolve(said.data.port)
    })
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
