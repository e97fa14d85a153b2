import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { followLog, toLine } from '../../../local/log-follower.ts'

const line = (fields: object) => JSON.stringify({ level: 30, time: 1_796_000_000_000, ...fields })
const ready = line({
  sessionId: 'shop',
  from: 'initializing',
  to: 'ready',
  reason: 'connected',
  msg: 'session',
})

test('tells what becomes of a session, and faults, in words; everything else stays in the log', () => {
  expect(toLine(ready)).toMatch(/^\d\d:\d\d:\d\d {2}shop: ready\. \w/)
  expect(toLine(line({ level: 50, msg: 'request failed' }))).toMatch(/request failed \(see the log\)$/)
  expect(toLine(line({ msg: 'request', status: 200 }))).toBeNull()
  expect(toLine('no JSON')).toBeNull()
})

test('tells of a log from where it is, line by line, however a line comes, and goes on where the file is emptied', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'log-'))
  const file = join(folder, 'gateway.log')
  writeFileSync(file, `${line({ level: 50, msg: 'of an earlier start' })}\n`)
  const told: string[] = []
  const part = followLog(file, (said) => told.push(said))
  appendFileSync(file, ready.slice(0, 20))
  await vi.waitFor(() => expect(told).toEqual([]))
  appendFileSync(file, `${ready.slice(20)}\n${line({ level: 60, msg: 'closing' })}\n${ready.slice(0, 20)}`)
  await vi.waitFor(() => expect(told).toHaveLength(2), { timeout: 5_000 })
  expect(told.map((said) => said.slice(10))).toEqual([
    expect.stringMatching(/^shop: ready/),
    'closing (see the log)',
  ])
  writeFileSync(file, `${line({ level: 50, msg: 'emptied' })}\n`)
  await vi.waitFor(() => expect(told).toHaveLength(3), { timeout: 5_000 })
  await part.stop()
  rmSync(folder, { recursive: true })
})
