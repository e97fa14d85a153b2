import type { PageGlobals, PageModules } from './page-globals.ts'

/** Runs in the page. @returns those of the names that the page does not have, or has as something else */
export function missingBindings(names: readonly string[]): string[] {
  const page = window as unknown as PageGlobals
  const { kinds } = page.sessionGatewayKit
  const find = (name: string): unknown => {
    const [moduleName, ...path] = name.split('.')
    try {
      let found: unknown = page.require(moduleName as keyof PageModules)
      for (const step of path) found = (found as Record<string, unknown>)[step]
      return found
    } catch {
      // WhatsApp's own `require` throws for a module that it does not have or has not loaded.
      return undefined
    }
  }
  const isRight = (found: unknown, kind: string | undefined): boolean => {
    if (kind === 'object') return (typeof found === 'object' && found !== null) || typeof found === 'function'
    return typeof found === 'function' && (kind !== 'class' || found.prototype !== undefined)
  }
  return names.filter((name) => !name.split(' or ').some((one) => isRight(find(one), kinds[name])))
}

/** What is read once a page is ready. */
export interface PageLook {
  version: string
  missing: string[]
  /** The account's own hidden identity, where the page knows it. */
  lid: string | null
}

/** Runs in the page. */
export function lookAtPage(): PageLook {
  const page = window as unknown as PageGlobals
  const { kinds, missingBindings } = page.sessionGatewayKit
  const missing = missingBindings(Object.keys(kinds))
  const knowsLid = !missing.includes('WAWebUserPrefsMeUser.getMaybeMeLidUser')
  const lid = knowsLid ? page.require('WAWebUserPrefsMeUser').getMaybeMeLidUser() : undefined
  return { version: page.Debug?.VERSION ?? 'unknown', missing, lid: lid?._serialized ?? null }
}
