import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import { asEvent, asOperation, asRequest, notOffered } from '../../docs/library-surface.ts'

const require = createRequire(new URL('../../worker/package.json', import.meta.url))
const declared = readFileSync(require.resolve('whatsapp-web.js/index.d.ts'), 'utf8')

/** What the library lets its user write, and is no capability: how a login is stored. */
const OF_OPTIONS = ['AuthStrategy', 'Store']

/** Public methods as `Class.method`, and events as `event name`. */
function surfaceOf(text: string): string[] {
  const found = new Set<string>()
  let owner: string | undefined
  for (const line of text.split('\n')) {
    owner = /^ {4}(?:export )?(?:abstract )?(?:class|interface) (\w+)/.exec(line)?.[1] ?? owner
    if (line === '    }') owner = undefined
    const method = /^ {8}(?:readonly )?(\w+)\s*(?:\(|: \(|: ChangeParticipantsPermissions)/.exec(line)?.[1]
    if (owner && method && !['constructor', 'on'].includes(method)) found.add(`${owner}.${method}`)
  }
  for (const [, event] of text.matchAll(/\bon\(\s*event: '(\w+)'/g)) found.add(`event ${event}`)
  return [...found].filter((name) => !OF_OPTIONS.some((one) => name.startsWith(`${one}.`)))
}

const surface = surfaceOf(declared)
const listed = [asOperation, asRequest, asEvent, notOffered].flatMap((table) => Object.keys(table))

test('every public method and event of the library is offered, or refused with a reason', () => {
  expect(surface.length).toBeGreaterThan(180)
  expect(surface.filter((name) => !listed.includes(name))).toEqual([])
})

test('nothing is listed twice, or that the library does not have', () => {
  expect(listed.filter((name, index) => listed.indexOf(name) !== index)).toEqual([])
  expect(listed.filter((name) => !surface.includes(name))).toEqual([])
})
