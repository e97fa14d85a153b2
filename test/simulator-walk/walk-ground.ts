import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defaultSettings, type Settings } from '../simulator/server/settings.ts'
import { type Simulator, startSimulator } from '../simulator/simulator.ts'
import { reservePort } from '../support/reserve-port.ts'
import { controlCalls } from './control-calls.ts'

export interface WalkGround extends AsyncDisposable {
  simulator: Simulator
  control: ReturnType<typeof controlCalls>
  /** A temporary folder for the profiles; gone afterwards. */
  folder: string
  /** Ends the simulator and starts it again on the same data. */
  restart(): Promise<void>
}

/** The build on which the unmodified library works. It never becomes ready where a page has synced before it listens. */
export const walkSettings: Settings = { ...defaultSettings, build: 'legacy', syncWaits: true }

/** A simulator with a folder of its own. Disposing it fails when a process that used the folder is left over. */
export async function walkGround(settings: Partial<Settings> = {}): Promise<WalkGround> {
  const folder = mkdtempSync(join(tmpdir(), 'simulator-walk-'))
  const dataDir = join(folder, 'simulator')
  const port = await reservePort()
  const simulator = await startSimulator({ dataDir, port, settings: { ...walkSettings, ...settings } })
  const ground: WalkGround = {
    simulator,
    folder,
    control: controlCalls(simulator.url),
    async restart() {
      await ground.simulator.close()
      ground.simulator = await startSimulator({ dataDir, port })
    },
    async [Symbol.asyncDispose]() {
      await ground.simulator.close()
      const left = processesNaming(folder)
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
      if (left.length > 0) throw new Error(`left over: ${left.join(' | ')}`)
    },
  }
  return ground
}

/** The command lines of the running processes that name a path; empty where there is no /proc. */
function processesNaming(path: string): string[] {
  if (!existsSync('/proc/self/cmdline')) return []
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return [readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')]
      } catch {
        // It ended between the listing and the reading.
        return []
      }
    })
    .filter((commandLine) => commandLine.includes(path))
}
