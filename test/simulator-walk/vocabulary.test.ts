import { describe, expect, test } from 'vitest'
import { type BuildName, buildNames } from '../simulator/builds.ts'
import { requireOn } from '../simulator/offered-modules.ts'
import surface from '../simulator/page-surface.json' with { type: 'json' }

/** What the list tells of a module: when it existed, and names separated by blanks. */
interface Listed {
  april: boolean
  august: boolean
  /** Those of its exports that another module of the page used in August. */
  exports?: string
  usedByLibrary: string
}

const listed: Record<string, Listed> = surface

function offered(require: (name: string) => object, name: string): object | undefined {
  try {
    return require(name)
  } catch {
    return undefined
  }
}

/** What the library asks for and the page does not have, though other modules or exports around it are there. */
const gone: [since: BuildName, module: string, path: string][] = [
  ['legacy', 'WAWebCmd', 'Cmd.refreshQR'],
  ['legacy', 'WAWebDemoteNewsletterAdminAction', 'demoteNewsletterAdmin'],
  ['legacy', 'WAWebGroupQueryJob', 'resetGroupInviteCode'],
  ['legacy', 'WAWebL10N', 'getRegion'],
  ['legacy', 'WAWebStatusGatingUtils', 'canCheckStatusRankingPosterGating'],
  ['2026-07', 'WAWebGroupInviteV4Job', 'joinGroupViaInviteV4'],
]

/**
 * The list knows the modules that the library asks for, and of their exports only those that something uses: so these
 * tests prove that the simulator offers nothing that the page has not got, and not that it offers all of it.
 */
describe.each(buildNames)('the vocabulary of %s', (build) => {
  const require = requireOn(build)
  const date = build === 'legacy' ? 'april' : 'august'

  test('has no module that the page does not have', () => {
    const absent = Object.keys(listed).filter((name) => !listed[name]?.[date])
    expect(absent.filter((name) => offered(require, name))).toEqual([])
  })

  test('has no export that neither the page nor the library uses', () => {
    const unknown = Object.entries(listed).flatMap(([name, { exports = '', usedByLibrary }]) => {
      // Its one export is the default one, which is the collection itself.
      if (name === 'WAWebCallCollection') return []
      const used = new Set(`${exports} ${usedByLibrary}`.split(' '))
      return Object.keys(offered(require, name) ?? {}).filter((key) => !used.has(key))
    })
    expect(unknown).toEqual([])
  })

  test('lacks what the library asks for in vain', () => {
    const held = gone.filter(([since, module, path]) => {
      if (buildNames.indexOf(since) > buildNames.indexOf(build)) return false
      const get = (from: unknown, key: string): unknown => Object(from)[key]
      return path.split('.').reduce(get, offered(require, module)) !== undefined
    })
    expect(held).toEqual([])
  })
})
