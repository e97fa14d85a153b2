import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { operationList } from '@wsg/shared/operations/operations.ts'
import { expect, test } from 'vitest'
import { capabilities } from '../../docs/capabilities.ts'

const FOLDER = join(import.meta.dirname, '../contract')

test('every operation that needs the page is in a contract suite that holds the table against what became of it on each build', () => {
  const holding = readdirSync(FOLDER)
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => readFileSync(join(FOLDER, file), 'utf8'))
    .filter((text) => /describe\.each\(buildNames\)/.test(text) && text.includes('  asTheTableSays('))
  const isHeld = (name: string) => holding.some((text) => text.includes(`'${name}'`))
  expect(operationList.filter(({ live, name }) => live && !isHeld(name)).map(({ name }) => name)).toEqual([])
})

test('the pages that are known lack nothing that an operation needs, and the library fails at some', () => {
  const all = capabilities().flatMap(({ operation, on }) =>
    Object.entries(on).map(([build, capability]) => ({ operation, build, capability })),
  )
  expect(all.filter(({ capability }) => capability === 'refused')).toEqual([])
  const mended = (build: string) =>
    all.filter((one) => one.build === build && one.capability === 'mended').map(({ operation }) => operation)
  expect(mended('legacy')).toContain('contact.block')
  expect(mended('legacy')).not.toContain('group.update')
  expect(mended('2026-09')).toEqual(expect.arrayContaining(['contact.block', 'group.update', 'chat.list']))
})
