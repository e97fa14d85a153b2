import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { type KeptChild, keepChild } from './kept-child.ts'
import type { LocalConfig } from './local-config.ts'
import type { Run } from './open-data.ts'

const MAIN = join(import.meta.dirname, '../test/simulator/main.ts')
const START_LIMIT_MS = 30_000
const STOP_LIMIT_MS = 5_000

const simulatorSchema = z.object({ url: z.url(), chromiumArgs: z.array(z.string()) })
export type SimulatorAddress = z.infer<typeof simulatorSchema>

/** Runs the simulated WhatsApp of the sandbox; after a fault it comes back on the same port. */
export async function startSimulator(
  { environment }: LocalConfig,
  { dataDir, log, ledger, note }: Run,
): Promise<KeptChild<SimulatorAddress>> {
  return await keepChild<SimulatorAddress>({
    name: 'simulator',
    role: 'simulator',
    file: MAIN,
    start: (address) => ({
      args: [
        '--data',
        join(dataDir, 'simulator'),
        ...(address === null ? [] : ['--port', new URL(address.url).port]),
      ],
      environment,
    }),
    stdout: 'pipe',
    stderr: log,
    becomesReady: addressOf,
    startLimitMs: START_LIMIT_MS,
    stopLimitMs: STOP_LIMIT_MS,
    ledger,
    note,
  })
}

/** Its first line says where it is; what follows is read and dropped, so that it never waits for a reader. */
function addressOf(simulator: ChildProcess): Promise<SimulatorAddress> {
  return new Promise((resolve, reject) => {
    if (simulator.stdout === null) return reject(new Error('the simulator has no standard output'))
    createInterface(simulator.stdout).once('line', (line) => {
      try {
        resolve(simulatorSchema.parse(JSON.parse(line)))
      } catch (error) {
        reject(error)
      }
    })
  })
}

/** The simulator's arguments in front of the given ones, as CHROMIUM_ARGS wants them: quoted where they hold a space. */
export function joinChromiumArgs(first: readonly string[], given: string): string {
  return [...first.map((arg) => (/\s/.test(arg) ? `'${arg}'` : arg)), given].filter(Boolean).join(' ')
}
