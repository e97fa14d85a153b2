import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isolationOf, NOBODY } from '@wsg/worker/src/whatsapp/browser/isolation.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

let dataDir: string
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'isolation-'))
  chmodSync(dataDir, 0o711)
})
afterEach(() => rmSync(dataDir, { recursive: true }))

const profiles = () => join(dataDir, '.wwebjs_auth')
const place = (executablePath = '/bin/true') => ({ executablePath, profiles: profiles(), chromiumArgs: [] })

it('Chromium runs without its sandbox where that is switched off, by either setting', () => {
  expect(isolationOf('off', place())).toEqual({ user: null, noSandbox: 'CHROMIUM_SANDBOX is off' })
  const flagged = { ...place(), chromiumArgs: ['--no-sandbox'] }
  expect(isolationOf('auto', flagged).noSandbox).toBe('CHROMIUM_ARGS has --no-sandbox')
  expect(() => isolationOf('on', flagged)).toThrow('CHROMIUM_SANDBOX is on, and there can be none')
})

describe.runIf(process.getuid?.() === 0)('root starts Chromium', () => {
  it('as nobody, in its sandbox', () => {
    expect(isolationOf('auto', place())).toEqual({ user: NOBODY, noSandbox: null })
    expect(isolationOf('on', place())).toEqual({ user: NOBODY, noSandbox: null })
  })

  it('as nobody on a folder of profiles from before, which others may pass through from now on, but not list', () => {
    mkdirSync(profiles(), { mode: 0o700 })
    expect(isolationOf('auto', place()).user).toEqual(NOBODY)
    expect(statSync(profiles()).mode & 0o777).toBe(0o711)
  })

  it('as itself where nobody may not enter the data folder, and says what mends that', () => {
    chmodSync(dataDir, 0o700)
    const { user, noSandbox } = isolationOf('auto', place())
    expect(user).toBeNull()
    expect(noSandbox).toContain(`the user nobody may not enter ${dataDir} (run chmod o+x ${dataDir}`)
    expect(() => isolationOf('on', place())).toThrow(
      /^CHROMIUM_SANDBOX is on, and there can be none: .*chmod/,
    )
  })

  it('as itself where nobody may not run the browser, and says which', () => {
    const browser = join(dataDir, 'browser')
    writeFileSync(browser, '#!/bin/sh', { mode: 0o700 })
    expect(isolationOf('auto', place(browser)).noSandbox).toContain(`the user nobody may not run ${browser}`)
  })
})

it('the sandbox is on for a user that is not root, where the kernel allows it', () => {
  const { user, noSandbox } = isolationOf('auto', { ...place(), userId: 1_000 })
  expect(user).toBeNull()
  expect([null, 'this kernel or container allows no user namespaces']).toContain(noSandbox)
})
