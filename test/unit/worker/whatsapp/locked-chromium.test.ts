import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lockCommand } from '@wsg/worker/src/whatsapp/browser/locked-chromium.ts'
import { expect, test } from 'vitest'

const HELD = 93

test('the lock is held by the command itself until it is dead, and refuses a second one', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lock-'))
  const [locker = '', ...args] = lockCommand(join(folder, 'a.lock'))
  const script = 'process.stdout.write(String(process.pid)); setInterval(() => {}, 1000)'
  const holder = spawn(locker, [...args, process.execPath, '-e', script])
  try {
    const [pid] = (await once(holder.stdout, 'data')) as [Buffer]
    expect(Number(pid)).toBe(holder.pid)
    expect(spawnSync(locker, [...args, 'true']).status).toBe(HELD)
  } finally {
    holder.kill('SIGKILL')
    await once(holder, 'exit')
  }
  expect(spawnSync(locker, [...args, 'true']).status).toBe(0)
  rmSync(folder, { recursive: true })
})
