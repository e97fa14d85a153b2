import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const FOLDER = join(import.meta.dirname, '../../../../worker/src/whatsapp/page')
const files = readdirSync(FOLDER).filter((file) => !['page-kit.ts', 'page-globals.ts'].includes(file))

test.each(files)('what %s sends into the page is whole by itself', async (file) => {
  const [[name, inPage] = ['', null]] = Object.entries((await import(join(FOLDER, file))) as object)
  expect(inPage).toBeTypeOf('function')
  const text = String(inPage)
  // Compiles alone, and names nothing that a bundler or test runner put outside of it.
  expect(() => new Function(`return ${text}`)).not.toThrow()
  expect(text).not.toMatch(/__vi_|__vite_|__name\b/)
  expect(text).toContain(`function ${name}`)
})
