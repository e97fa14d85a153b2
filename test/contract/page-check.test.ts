import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { bindings } from '@wsg/worker/src/whatsapp/page/bindings.ts'
import { afterEach, expect, test } from 'vitest'
import { pair } from './client-steps.ts'
import { type SimulatorHarness, simulatorHarness } from './simulator-harness.ts'

const ROOT = join(import.meta.dirname, '../..')
const LACKING = 'WAWebCmd.Cmd.archiveChat'

let harness: SimulatorHarness
afterEach(async () => {
  await harness.end()
})

test('page-check prints every binding, whether the page has it, and what it is for', async () => {
  harness = await simulatorHarness({ build: '2026-09' })
  const client = harness.client('a')
  await pair(harness, client, '4915112345678')
  await client.close()
  const check = () =>
    promisify(execFile)(process.execPath, ['page-check.ts', '--profile', harness.profilePath('a')], {
      cwd: ROOT,
      env: {
        ...process.env,
        WORLD: 'sandbox',
        CHROMIUM_ARGS: harness.chromiumArgs.map((arg) => `'${arg}'`).join(' '),
      },
    })
  const { stdout } = await check()
  const lines = stdout.trim().split('\n')
  expect(lines.at(-1)).toMatch(
    /^WhatsApp Web 2\.3000\.\d+, whatsapp-web\.js 1\.34\.7: (\d+) of \1 are there\.$/,
  )
  expect(lines.slice(0, -1)).toHaveLength(bindings.size)
  for (const line of lines.slice(0, -1))
    expect(line).toMatch(/^there {3}WA[\w.]+( or WA[\w.]+)* \((function|class|object)\): \w/)

  await harness.set({ missing: [LACKING] })
  const failed = await check().catch((error: { code: number; stdout: string }) => error)
  expect(failed).toMatchObject({ code: 1 })
  expect(failed.stdout).toContain(`MISSING ${LACKING} (function): chat.archive, chat.unarchive`)
})
