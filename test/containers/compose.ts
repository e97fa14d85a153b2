import { execFile, execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { extraCaCerts } from './extra-ca-certs.ts'

const ROOT = join(import.meta.dirname, '../..')
const run = promisify(execFile)

/** Variables of ours that the shell around the tests may hold must not reach the files. */
const PASSED_ON = /^(PATH|HOME|DOCKER_\w+|COMPOSE_(?!PROJECT|FILE)\w+|(HTTPS?|NO)_PROXY)$/i

/** Compose itself, as a user calls it: v2 where there is one, else v1. */
const [program, ...subcommand]: [string, ...string[]] = hasV2() ? ['docker', 'compose'] : ['docker-compose']

function hasV2(): boolean {
  try {
    execFileSync('docker', ['compose', 'version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** One compose project on the files of this repository. */
export class Compose {
  readonly project: string
  readonly #files: string[]
  readonly #environment: NodeJS.ProcessEnv

  /** @param files paths from the root of the repository */
  constructor(project: string, files: string[], environment: Record<string, string>) {
    this.project = project
    this.#files = files.flatMap((file) => ['-f', file])
    const inherited = Object.entries(process.env).filter(([name]) => PASSED_ON.test(name))
    this.#environment = { ...Object.fromEntries(inherited), EXTRA_CA_CERTS: extraCaCerts(), ...environment }
  }

  /** @returns what it printed. @throws with its words on standard error where it failed */
  async run(...args: string[]): Promise<string> {
    // Without the .env of whoever runs the tests.
    const options = [
      '--env-file',
      'test/containers/empty.env',
      '-p',
      this.project,
      ...this.#files,
      '--profile',
      'sandbox',
    ]
    const { stdout } = await run(program, [...subcommand, ...options, ...args], {
      cwd: ROOT,
      env: this.#environment,
      maxBuffer: 64 * 1_048_576,
    })
    return stdout
  }

  /** Ids of the running containers of a service. */
  async containers(service: string): Promise<string[]> {
    return (await this.run('ps', '-q', service)).split('\n').filter(Boolean)
  }

  /** Removes the containers and networks, and the volumes. */
  async remove(): Promise<void> {
    await this.run('down', '--volumes', '--remove-orphans', '--timeout', '2')
  }
}
