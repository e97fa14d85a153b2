import { spawnSync } from 'node:child_process'
import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { NOBODY } from '@wsg/worker/src/whatsapp/browser/isolation.ts'
import { ProfileLocked } from '@wsg/worker/src/whatsapp/client-errors.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { descendants, isAlive, listProcesses } from '../support/processes.ts'
import { waitFor } from '../support/wait-for.ts'
import { type SimulatorHarness, simulatorHarness } from './simulator-harness.ts'

let harness: SimulatorHarness
beforeEach(async () => {
  harness = await simulatorHarness({})
})
afterEach(async () => await harness.end())

/** The browser's main process and all below it. */
function browserProcesses(profile: string) {
  const pid = harness.browserPid(profile) ?? 0
  const processes = listProcesses()
  return [...processes.filter((entry) => entry.pid === pid), ...descendants(processes, [pid])]
}

/** A line of /proc/PID/status. */
function statusOf(pid: number, field: string): string {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return new RegExp(`^${field}:\\s+(.*)$`, 'm').exec(status)?.[1] ?? ''
}

async function openUntilQr(profile: string, more: Parameters<SimulatorHarness['client']>[1] = {}) {
  const client = harness.client(profile, more)
  let qr = ''
  client.events.on('qr', (code) => {
    qr = code
  })
  await client.open()
  await waitFor('a QR code', () => qr !== '')
  return client
}

describe.runIf(process.getuid?.() === 0)('a browser that root starts', () => {
  it('runs as nobody in its sandbox, and is found, locked and killed as any other', async () => {
    const client = await openUntilQr('a')
    const processes = browserProcesses('a')
    const renderer = processes.find(({ command }) => command.some((word) => word.includes('--type=renderer')))
    expect(processes.flatMap(({ command }) => command)).not.toContain('--no-sandbox')
    expect(new Set(processes.map(({ pid }) => statusOf(pid, 'Uid').split('\t')[1]))).toEqual(
      new Set([String(NOBODY.uid)]),
    )
    // 2: every system call of a page passes a filter. NSpid has a second number in a process namespace of its own.
    expect(statusOf(renderer?.pid ?? 0, 'Seccomp')).toBe('2')
    expect(statusOf(renderer?.pid ?? 0, 'NSpid')).toMatch(/\t/)
    expect(readFileSync(`/proc/${processes[0]?.pid}/oom_score_adj`, 'utf8').trim()).toBe('500')

    await expect(harness.client('a').open()).rejects.toBeInstanceOf(ProfileLocked)
    client.kill()
    await waitFor('every process of it to be gone', () => processes.every(({ pid }) => !isAlive(pid)))
  })

  it('opens a profile that root had before, and root one that nobody had', async () => {
    const owners = () => {
      const files = readdirSync(harness.profilePath('a'), { recursive: true, encoding: 'utf8' })
      return new Set(files.map((file) => lstatSync(join(harness.profilePath('a'), file)).uid))
    }
    for (const sandbox of ['off', 'auto', 'off'] as const) {
      const client = await openUntilQr('a', { sandbox })
      await client.close()
      expect(owners()).toEqual(new Set([sandbox === 'off' ? 0 : NOBODY.uid]))
    }
  })

  it('may read neither the other files of the data folder nor the lock files', async () => {
    await openUntilQr('a')
    const lock = `${harness.profilePath('a')}.lock`
    expect(existsSync(lock)).toBe(true)
    const asNobody = (script: string) =>
      spawnSync('setpriv', ['--reuid=65534', '--regid=65534', '--clear-groups', 'sh', '-c', script]).status
    const folder = join(harness.profilePath('a'), '../..')
    expect(asNobody(`ls '${folder}' || ls '${folder}/profiles' || rm '${lock}'`)).not.toBe(0)
    expect(existsSync(lock)).toBe(true)
  })
})
