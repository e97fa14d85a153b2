import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { processTreeMemoryMb } from '@wsg/worker/src/memory/process-memory.ts'
import { expect, it } from 'vitest'

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

it('is null for a process that is not there', async () => {
  expect(await processTreeMemoryMb(2 ** 30)).toBeNull()
})
