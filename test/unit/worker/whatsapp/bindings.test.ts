import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { bindings, lazyBindings } from '@wsg/worker/src/whatsapp/page/bindings.ts'
import {
  needsOf,
  type PageOperationName,
  pageOperations,
} from '@wsg/worker/src/whatsapp/page/operations/page-operations.ts'
import { expect, test } from 'vitest'

const FOLDER = join(import.meta.dirname, '../../../../worker/src/whatsapp/page')

test('every module that our functions ask the page for is in the list', () => {
  const listed = new Set(
    [...bindings.keys(), ...lazyBindings]
      .flatMap((name) => name.split(' or '))
      .map((name) => name.split('.')[0]),
  )
  const asked = (readdirSync(FOLDER, { recursive: true }) as string[])
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) =>
      Array.from(
        readFileSync(join(FOLDER, file), 'utf8').matchAll(/require\('(\w+)'\)/g),
        ([, name]) => name,
      ),
    )
  expect(asked.length).toBeGreaterThan(20)
  expect([...new Set(asked)].filter((name) => !listed.has(name as string))).toEqual([])
})

test('an operation names each part that the page lacks once', () => {
  const names = Object.keys(pageOperations) as PageOperationName[]
  expect(names.filter((name) => new Set(needsOf(name)).size < needsOf(name).length)).toEqual([])
})
