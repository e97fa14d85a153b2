import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findGateway } from '@wsg/cli/src/find-gateway.ts'
import { afterAll, expect, onTestFinished, test } from 'vitest'

const root = mkdtempSync(join(tmpdir(), 'cli-'))
const empty = mkdtempSync(join(tmpdir(), 'cli-'))
for (const [folder, port] of [
  ['.data', '3000'],
  ['.data-sandbox', '3001'],
] as const) {
  mkdirSync(join(root, folder))
  writeFileSync(join(root, folder, 'address'), `http://127.0.0.1:${port}\n`)
  writeFileSync(join(root, folder, 'token'), `token-of-${folder}\n`)
}
writeFileSync(join(root, '.env'), 'API_TOKEN=token-of-the-file\nPORT=4000\n')
afterAll(() => {
  for (const folder of [root, empty]) rmSync(folder, { recursive: true })
})

test('what is said counts, then the variables, then what runs on this machine', () => {
  const url = 'https://gateway.example.org'
  const environment = { WSG_URL: 'http://other:1', WSG_TOKEN: 'of-environment' }
  expect(findGateway({ url, token: 'said' }, environment, root)).toEqual({ url, token: 'said' })
  expect(findGateway({ url }, environment, root)).toEqual({ url, token: 'of-environment' })
  expect(findGateway({}, environment, root)).toEqual({ url: 'http://other:1', token: 'of-environment' })
  expect(findGateway({}, {}, root)).toEqual({ url: 'http://127.0.0.1:3000', token: 'token-of-.data' })
  expect(findGateway({ sandbox: true }, {}, root)).toEqual({
    url: 'http://127.0.0.1:3001',
    token: 'token-of-.data-sandbox',
  })
})

test('the token of the real world is never given to the sandbox', () => {
  const token = join(root, '.data-sandbox', 'token')
  const kept = readFileSync(token)
  onTestFinished(() => writeFileSync(token, kept))
  rmSync(token)
  expect(() => findGateway({ sandbox: true }, {}, root)).toThrow('No gateway was found')
})

test('where nothing runs here it is the one of the variables, as in its container', () => {
  expect(findGateway({}, { API_TOKEN: 't', PORT: '3333' }, empty)).toEqual({
    url: 'http://127.0.0.1:3333',
    token: 't',
  })
  expect(() => findGateway({}, {}, empty)).toThrow('npm run sandbox')
})
