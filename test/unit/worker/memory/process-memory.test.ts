import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { processTreeMemoryMb } from '@wsg/worker/src/memory/process-memory.ts'
import { expect, it } from 'vitest'

const run = promisify(execFile)

/** A process that starts another one, which keeps 64 MB, when it is told to. */
const PARENT = `
  const { spawn } = require('node:child_process')
  const keep = 'globalThis.kept = Buffer.alloc(64e6, 1); console.log("kept"); setInterval(() => {}, 1e6)'
  console.log('up')
  process.stdin.once('data', () => spawn(process.execPath, ['-e', keep], { stdio: 'inherit' }))
`

it('counts a process with everything below it', async () => {
  const parent = spawn(process.execPath, ['-e', PARENT], { detached: true })
  const { pid = 0, stdin, stdout } = parent
  try {
    await once(stdout, 'data')
    const alone = (await processTreeMemoryMb(pid)) ?? 0
    expect(alone).toBeGreaterThan(5)
    stdin.write('\n')
    await once(stdout, 'data')
    expect(await processTreeMemoryMb(pid)).toBeGreaterThan(alone + 50)
  } finally {
    process.kill(-pid, 'SIGKILL')
    await once(parent, 'exit')
  }
})

// Who is not root can look into all that is his.
if (process.getuid?.() === 0)
  it('counts what it may not look into by what that has for itself', async () => {
    const look = `
      const { processTreeMemoryMb } = await import(process.argv[1])
      process.seteuid(65_534)
      console.log(await processTreeMemoryMb(process.ppid))`
    const code = join(import.meta.dirname, '../../../../worker/src/memory/process-memory.ts')
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', look, code])
    expect(Number(stdout)).toBeGreaterThan(20)
  })

it('is null for a process that is not there', async () => {
  expect(await processTreeMemoryMb(2 ** 30)).toBeNull()
})
