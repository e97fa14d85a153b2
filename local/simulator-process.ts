import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { z } from 'zod'
import type { Run } from './data-folder.ts'
import { forkProgram, KeptChild } from './kept-child.ts'
import type { LocalConfig } from './local-config.ts'

const MAIN = join(import.meta.dirname, '../test/simulator/main.ts')

const simulatorSchema = z.object({ url: z.url(), chromiumArgs: z.array(z.string()) })
type SimulatorAddress = z.infer<typeof simulatorSchema>

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
    becomesReady: (simulator) =>
      new Promise((resolve, reject) => {
        createInterface(simulator.stdout as Readable).once('line', (line) => {
          try {
            resolve(simulatorSchema.parse(JSON.parse(line)))
          } catch (error) {
            reject(error)
          }
        })
      }),
    startLimitMs: 30_000,
    stopLimitMs: 5_000,
    ledger,
    note,
  })
}
