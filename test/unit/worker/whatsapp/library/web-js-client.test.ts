import { createRequire } from 'node:module'
import { loadLibraries } from '@wsg/worker/src/whatsapp/library/web-js-client.ts'
import { expect, test } from 'vitest'

const require = createRequire(import.meta.url)
const ONLY_FOR_WHAT_IS_NOT_CALLED = /@puppeteer\/browsers|cosmiconfig|fluent-ffmpeg\/lib|node-webpmux\/|tr46/

test('the libraries are loaded without what only functions need that nobody calls', () => {
  const { connect, createStockClient, version } = loadLibraries()
  expect(version).toMatch(/^whatsapp-web\.js \d/)
  expect(connect).toBeTypeOf('function')
  const { inject, getNumberId, requestPairingCode } = createStockClient()
  for (const used of [inject, getNumberId, requestPairingCode]) expect(used).toBeTypeOf('function')
  const loaded = Object.values(require.cache).flatMap((module) =>
    module?.children.length ? [module.filename] : [],
  )
  expect(loaded.filter((file) => ONLY_FOR_WHAT_IS_NOT_CALLED.test(file))).toEqual([])
})
