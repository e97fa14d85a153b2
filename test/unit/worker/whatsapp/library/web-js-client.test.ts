import { execFileSync } from 'node:child_process'
import { loadLibraries } from '@wsg/worker/src/whatsapp/library/web-js-client.ts'
import { expect, test } from 'vitest'

const ONLY_FOR_WHAT_IS_NOT_CALLED = /@puppeteer\/browsers|cosmiconfig|fluent-ffmpeg\/|node-webpmux\/|tr46/
const MODULE = import.meta.resolve('@wsg/worker/src/whatsapp/library/web-js-client.ts')

test('the libraries have what a session calls', () => {
  const { connect, createStockClient, version } = loadLibraries()
  expect(version).toMatch(/^whatsapp-web\.js \d/)
  expect(connect).toBeTypeOf('function')
  const { inject, getNumberId, requestPairingCode } = createStockClient()
  for (const used of [inject, getNumberId, requestPairingCode]) expect(used).toBeTypeOf('function')
})

test('a worker loads nothing of them that only functions need which nobody calls', () => {
  const program = `
    import { createRequire } from 'node:module'
    const { loadLibraries } = await import(${JSON.stringify(MODULE)})
    loadLibraries()
    const { cache } = createRequire(${JSON.stringify(MODULE)})
    console.log(JSON.stringify(Object.keys(cache)))`
  const printed = execFileSync(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const loaded: string[] = JSON.parse(String(printed))
  expect(loaded).toContainEqual(expect.stringMatching(/whatsapp-web\.js\/src\/Client\.js$/))
  expect(loaded).toContainEqual(expect.stringMatching(/puppeteer-core-browser\.js$/))
  expect(loaded.filter((file) => ONLY_FOR_WHAT_IS_NOT_CALLED.test(file))).toEqual([])
})
