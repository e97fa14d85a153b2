import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')
/** With which workers are shipped, in the pool of one machine and in their image: memory for a little speed. */
const WORKER_FLAGS = ['--max-semi-space-size=1', '--v8-pool-size=1']
const WORKER_ENV = { MALLOC_ARENA_MAX: '1' }

/** A process of the product, as a container runs it. It ends with this one, whatever ends this one. */
export class Program {
  readonly child: ChildProcess
  readonly #ended: Promise<unknown>

  constructor(child: ChildProcess) {
    this.child = child
    this.#ended = new Promise((resolve) => child.once('exit', resolve))
  }

  get pid(): number {
    return this.child.pid as number
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null
  }

  /** SIGTERM, as an engine stops a container. Resolves when it is gone. */
  async stop(): Promise<void> {
    if (this.isRunning) this.child.kill('SIGTERM')
    await this.#ended
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL')
    await this.#ended
  }
}

/** @param node the Node to run it with */
export function spawnWorker(env: Record<string, string>, node = process.execPath): Program {
  const log = openLog('worker')
  // No channel to this process: a worker that has one takes it for a pool.
  const child = spawn(
    'setpriv',
    ['--pdeathsig', 'KILL', node, ...WORKER_FLAGS, join(ROOT, 'worker/src/main.ts')],
    // detached: Ctrl-C is for the benchmark, which ends its programs in order.
    { stdio: ['ignore', log, log], env: environment({ ...WORKER_ENV, ...env }), detached: true },
  )
  return new Program(child)
}

/** @returns the running gateway and its port */
export async function startGateway(
  env: Record<string, string>,
  node?: string,
): Promise<{ program: Program; port: number }> {
  const program = forkProgram(join(ROOT, 'gateway/src/main.ts'), { PORT: '0', ...env }, node)
  return { program, port: await firstPort(program) }
}

/** A program that says `{port}` over its channel once it listens, and ends when the channel is closed. */
export function forkProgram(
  file: string,
  env: Record<string, string> = {},
  node = process.execPath,
): Program {
  const log = openLog('program')
  const stdio = ['ignore' as const, log, log, 'ipc' as const]
  return new Program(
    fork(file, { execPath: node, execArgv: [], stdio, env: environment(env), detached: true }),
  )
}

export async function firstPort({ child }: Program): Promise<number> {
  const ended = once(child, 'exit').then(() => {
    throw new Error(`${child.spawnargs.join(' ')} ended before it listened`)
  })
  const [{ port }] = (await Promise.race([once(child, 'message'), ended])) as [{ port: number }]
  return port
}

/** Kept with the rest of a run's files, as a container's log would be: writing it is part of the work. */
function openLog(name: string): number {
  return openSync(join(tmpdir(), `${name}.log`), 'a')
}

function environment(env: Record<string, string>): NodeJS.ProcessEnv {
  const { REDIS_URL: _redis, API_TOKEN: _token, ...inherited } = process.env
  return { PACING: 'off', ...inherited, ...env }
}
