import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { processTreeMemoryMb } from '@wsg/worker/src/memory/process-memory.ts'
import { expect, it } from 'vitest'

it('counts a process with everything below it', async () => {
  const alone = (await processTreeMemoryMb(process.pid)) ?? 0
  expect(alone).toBeGreaterThan(5)
  const child = spawn(process.execPath, [
    '-e',
    'globalThis.kept = Buffer.alloc(64e6, 1); console.log(1); setInterval(() => {}, 1e6)',
  ])
  await once(child.stdout, 'data')
  try {
    expect(await processTreeMemoryMb(process.pid)).toBeGreaterThan(alone + 50)
  } finally {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
})

it('is null for a process that is not there', async () => {
  expect(await processTreeMemoryMb(2 ** 30)).toBeNull()
})
