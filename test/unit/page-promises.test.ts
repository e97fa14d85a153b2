import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')
const page = readFileSync(join(ROOT, 'docs/page.md'), 'utf8')
const [, chapter = ''] = page.split('## What each promise rests on')
const rows = (chapter.split('\n## ')[0] ?? '')
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .slice(2)
  .map((line) => line.slice(2, -2).split(' | '))

test('what rests on the page is marked, and names where it is used and what tests it', () => {
  expect(rows.length).toBeGreaterThan(20)
  for (const [what, mark, usedIn, testedBy, ...more] of rows) {
    expect(more, what).toEqual([])
    expect(['read', 'reported', 'believed'], what).toContain(mark)
    // A dash stands where no simulator could show it.
    for (const file of [usedIn, testedBy].filter((cell) => cell !== '–'))
      expect(existsSync(join(ROOT, file?.slice(1, -1) ?? '')), `${what}: ${file}`).toBe(true)
  }
})
