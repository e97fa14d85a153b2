import { operationList } from '../shared/src/operations/operations.ts'
import { type BuildName, buildNames } from '../test/simulator/builds.ts'
import { requireOn } from '../test/simulator/offered-modules.ts'
import {
  needsOf,
  type PageOperationName,
  pageOperations,
} from '../worker/src/whatsapp/page/operations/page-operations.ts'
import { type LibraryBreak, libraryBreaks } from './library-breaks.ts'
import { asOperation } from './library-surface.ts'

/** `works`: as the stock library does it. `mended`: the library fails, and a function of ours does it. `refused`: 501. */
type Capability = 'works' | 'mended' | 'refused'

export interface OperationCapabilities {
  operation: string
  request: string
  on: Record<BuildName, Capability>
  /** What the library does where it fails. */
  libraryBreaks: string[]
}

/** What can be asked of a session on each build of WhatsApp Web: what it needs of the page, against what the page of that build has. */
export function capabilities(): OperationCapabilities[] {
  const lacksOn = Object.fromEntries(buildNames.map((build) => [build, lacksOf(build)]))
  return operationList.flatMap(({ name, http }) => {
    if (http === undefined || !(name in pageOperations)) return []
    const needs = needsOf(name as PageOperationName)
    const methods = Object.entries(asOperation).filter(([, operation]) => operation === name)
    const breaks = methods.flatMap(([method]) => libraryBreaks[method as keyof typeof asOperation] ?? [])
    const on = Object.fromEntries(
      buildNames.map((build) => {
        const isRefused = needs.some((need) => lacksOn[build]?.(need))
        return [build, isRefused ? 'refused' : breaks.some(isBroken(build)) ? 'mended' : 'works']
      }),
    ) as Record<BuildName, Capability>
    const texts = new Set(breaks.map((one) => one.with))
    return [{ operation: name, request: `${http.method} ${http.path}`, on, libraryBreaks: [...texts] }]
  })
}

const isBroken = (build: BuildName) => (one: LibraryBreak) =>
  buildNames.indexOf(one.since) <= buildNames.indexOf(build)

/** Whether a build lacks a binding. */
function lacksOf(build: BuildName): (binding: string) => boolean {
  const require = requireOn(build)
  const isThere = (path: string) => {
    const [module = '', ...steps] = path.split('.')
    try {
      return steps.reduce<unknown>((from, step) => Object(from)[step], require(module)) !== undefined
    } catch {
      return false
    }
  }
  return (binding) => !binding.split(' or ').some(isThere)
}
