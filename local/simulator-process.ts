import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import type { Run } from './data-folder.ts'
import { forkProgram, KeptChild } from './kept-child.ts'
import type { LocalConfig } from './local-config.ts'

const MAIN = join(import.meta.dirname, '../test/simulator/main.ts')

interface SimulatorAddress {
  url: string
  chromiumArgs: string[]
}

/** Runs the simulated WhatsApp of the sandbox; after a fault it comes back on the same port. */
export async function startSimulator(
  { environment }: LocalConfig,
  { dataDir, log, ledger, note }: Run,
): Promise<KeptChild<SimulatorAddress>> {
  return await KeptChild.start<SimulatorAddress>({
    name: 'The simulator',
    role: 'simulator',
    start: (address) => {
      const port = address === null ? [] : ['--port', new URL(address.url).port]
      const args = ['--data', join(dataDir, 'simulator'), ...port]
      return forkProgram(MAIN, args, environment, ['ignore', 'pipe', log, 'ipc'])
    },
    // Its first line says where it is; what follows is read and dropped, so that it never waits for a reader.
    becomesReady: async (simulator) => {
      const [line] = (await once(createInterface(simulator.stdout as Readable), 'line')) as [string]
      return JSON.parse(line) as SimulatorAddress
    },
    startLimitMs: 30_000,
    stopLimitMs: 5_000,
    ledger,
    note,
  })
}
