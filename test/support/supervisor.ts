import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { waitFor } from './wait-for.ts'

const ROOT = join(import.meta.dirname, '../..')

export interface Supervisor {
  readonly pid: number
  /** The last of what it printed, on both streams. */
  readonly output: string
  /** Waits until it printed what `pattern` finds. @returns the first group */
  printed(pattern: RegExp): Promise<string>
  /** Ctrl-C. @returns the exit code, null where a signal ended it */
  interrupt(): Promise<number | null>
}

/** The program behind `npm start` and, with `--sandbox`, behind `npm run sandbox`. */
export async function startSupervisor(args: string[], env: Record<string, string>): Promise<Supervisor> {
  const { REDIS_URL: _redis, API_TOKEN: _token, ...inherited } = process.env
  const child = spawn(process.execPath, ['start.ts', ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    // Nobody waits for the pace that protects a real number.
    env: { ...inherited, PACING: 'off', ...env },
  })
  await once(child, 'spawn')
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-200_000)
    })
  }
  const ended = () => child.exitCode !== null || child.signalCode !== null
  return {
    pid: child.pid as number,
    get output() {
      return output
    },
    printed: async (pattern) => {
      const found = await waitFor(`the product to print ${pattern}`, () => pattern.exec(output) ?? ended(), {
        timeoutMs: 40_000,
      })
      if (found === true) throw new Error(`it ended with ${child.exitCode ?? child.signalCode}:\n${output}`)
      return found[1] as string
    },
    interrupt: async () => {
      if (!ended()) {
        const gone = once(child, 'exit')
        child.kill('SIGINT')
        await gone
      }
      return child.exitCode
    },
  }
}
