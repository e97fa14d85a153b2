import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)
const MAX_OUTPUT = 16 * 1_048_576

/** @returns what docker printed. @throws with its words on standard error where it failed */
export async function docker(...args: string[]): Promise<string> {
  return (await run('docker', args, { maxBuffer: MAX_OUTPUT })).stdout.trim()
}

/** Runs a shell line in a container. */
export function shell(container: string, line: string): Promise<string> {
  return docker('exec', container, 'sh', '-c', line)
}

export interface ContainerFacts {
  Id: string
  RestartCount: number
  State: { Running: boolean; Health?: { Status: string } }
  Config: { User: string }
  HostConfig: { ReadonlyRootfs: boolean; CapDrop: string[] | null; Memory: number; MemorySwap: number }
  NetworkSettings: { Ports: Record<string, { HostIp: string; HostPort: string }[] | null> }
}

export async function inspect(container: string): Promise<ContainerFacts> {
  const [facts] = JSON.parse(await docker('inspect', container)) as ContainerFacts[]
  if (facts === undefined) throw new Error(`there is no container ${container}`)
  return facts
}

/** The containers that the kernel killed something in for lack of memory, since that moment. */
export async function outOfMemorySince(epochMs: number): Promise<string[]> {
  const until = Math.ceil(Date.now() / 1000) + 1
  const range = ['--since', (epochMs / 1000).toFixed(3), '--until', String(until)]
  const events = await docker('events', ...range, '--filter', 'event=oom', '--format', '{{.ID}}')
  return events.split('\n').filter(Boolean)
}
