import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { loadToken } from '../../../local/data-folder.ts'

let dataDir: string
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'token-'))
})
afterEach(() => rmSync(dataDir, { recursive: true }))

it('a token is made once, long, and for its owner alone to read', () => {
  const token = loadToken(dataDir, null)
  expect(token).toMatch(/^[\w-]{32}$/)
  expect(loadToken(dataDir, null)).toBe(token)
  expect(statSync(join(dataDir, 'token')).mode & 0o777).toBe(0o600)
})

it('a token that API_TOKEN gives goes first and is not written down', () => {
  const kept = loadToken(dataDir, null)
  expect(loadToken(dataDir, 'given-by-the-operator')).toBe('given-by-the-operator')
  expect(readFileSync(join(dataDir, 'token'), 'utf8').trim()).toBe(kept)
})
