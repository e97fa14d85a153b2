import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runProgram } from '@wsg/converter/src/run-program.ts'
import { afterAll, describe, expect, it } from 'vitest'
import { waitFor } from '../../support/wait-for.ts'

const folder = mkdtempSync(join(tmpdir(), 'run-program-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const run = async (script: string, signal = new AbortController().signal) => {
  let printed = ''
  await runProgram('sh', ['-c', script, 'sh', folder], { maxFileBytes: 100_000, signal }, (bytes) => {
    printed += bytes
  })
  return printed.trim()
}
const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

describe('a program that reads a file of a stranger', () => {
  it('is not root, gets no further rights, and knows nothing of our environment', async () => {
    process.env.API_TOKEN = 'secret'
    const told = await run(
      'id -u; grep NoNewPrivs /proc/self/status; env | cut -d= -f1 | sort | tr "\\n" " "',
    )
    delete process.env.API_TOKEN
    expect(told).not.toMatch(/^0\n/)
    expect(told).toMatch(/NoNewPrivs:\s*1/)
    expect(told).toMatch(/\nLANG PATH PWD/)
    expect(told).not.toContain('API_TOKEN')
  })

  it('ends where it takes more memory, or writes a larger file, than it may', async () => {
    const greedy = `python3 -c 'x = bytearray(2_000_000_000)' || { echo Cannot allocate memory >&2; exit 1; }`
    await expect(run(greedy)).rejects.toThrow('it takes too much memory')
    rmSync(join(folder, 'large'), { force: true })
    const anybody = mkdtempSync(join(tmpdir(), 'run-program-'))
    try {
      const large = `umask 0; exec head -c 1000000 /dev/zero`
      await expect(run(`${large} > /tmp/run-program-large-${process.pid}`)).rejects.toThrow(
        'it becomes too large',
      )
      expect(statSync(`/tmp/run-program-large-${process.pid}`).size).toBeLessThanOrEqual(100_000)
    } finally {
      rmSync(anybody, { recursive: true })
      rmSync(`/tmp/run-program-large-${process.pid}`, { force: true })
    }
  })

  it('ends with all that it started, when its time is over', async () => {
    let pids: number[] = []
    const over = new AbortController()
    const running = runProgram(
      'sh',
      ['-c', 'sleep 600 & echo $$ $!; wait'],
      { maxFileBytes: 1, signal: over.signal },
      (bytes) => {
        pids = String(bytes).trim().split(' ').map(Number)
        over.abort()
      },
    )
    await expect(running).rejects.toThrow('it takes too long')
    expect(pids).toHaveLength(2)
    await waitFor('both to be gone', () => !pids.some(isAlive))
  })

  it('is named as broken by its last complaint, without our paths', async () => {
    await expect(run('echo "[mov @ 0x1] moov atom not found" >&2; exit 1')).rejects.toThrow(
      /^it is broken: moov atom not found$/,
    )
    await expect(run('echo "/tmp/x/input: Invalid data found" >&2; exit 1')).rejects.toThrow(
      /^it is broken: Invalid data found$/,
    )
  })
})
