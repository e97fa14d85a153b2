import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { operationList } from '@wsg/shared/operations/operations.ts'
import { expect, test } from 'vitest'
import { capabilities } from '../../docs/capabilities.ts'

const FOLDER = join(import.meta.dirname, '../contract')

test('every operation that needs the page is carried out on each build by a contract test', () => {
  const onEachBuild = readdirSync(FOLDER)
    .map((file) => readFileSync(join(FOLDER, file), 'utf8'))
    .filter((text) => /describe\.each\(build/.test(text))
  expect(onEachBuild.length).toBeGreaterThan(5)
  const isAsked = (name: string) => onEachBuild.some((text) => text.includes(`'${name}'`))
  expect(operationList.filter(({ live, name }) => live && !isAsked(name)).map(({ name }) => name)).toEqual([])
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
