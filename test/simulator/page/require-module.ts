import { boot, build } from './build.ts'
import { modules } from './modules.ts'

const loadedAt = Date.now()
const asked = new Set<string>()

function isThere(name: string): boolean {
  if (!Object.hasOwn(modules, name) || boot.missing.includes(name)) return false
  if (Date.now() < loadedAt + (boot.lateModules[name] ?? 0)) return false
  return !boot.lazyModules.includes(name) || asked.has(name)
}

/**
 * Something as those see it who may not see some of what is in it, by the ways into it. What they set is set on the thing
 * itself, and its methods run on that.
 */
function without(hidden: readonly string[][], thing: object): object {
  const hides = (key: string | symbol) =>
    hidden.some(([first, ...more]) => first === key && more.length === 0)
  const further = (key: string | symbol) =>
    hidden.filter(([first, ...more]) => first === key && more.length > 0).map(([, ...more]) => more)
  return new Proxy(thing, {
    get: (target, key) => {
      if (hides(key)) return undefined
      const value = Reflect.get(target, key)
      if (further(key).length > 0) return without(further(key), value as object)
      return Object.hasOwn(target, key) ? value : bound(value, target)
    },
    has: (target, key) => !hides(key) && Reflect.has(target, key),
    ownKeys: (target) => Reflect.ownKeys(target).filter((key) => !hides(key)),
  })
}

function bound(value: unknown, owner: object): unknown {
  return typeof value === 'function' ? value.bind(owner) : value
}

/** What `window.require` is. Throws for a module that is not there, or not yet, naming it. */
export function requireModule(name: string): object {
  const found = isThere(name) ? modules[name] : undefined
  if (!found && build.has('lazyModulesAreRegistered') && boot.lazyModules.includes(name))
    throw new Error(`Requiring module "${name}" with unresolved dependencies`)
  if (!found) throw new Error(`Requiring unknown module "${name}"`)
  const hidden = boot.missing.filter((path) => path.startsWith(`${name}.`))
  if (hidden.length === 0) return found
  return without(
    hidden.map((path) => path.split('.').slice(1)),
    found,
  )
}

/** The page's loader: fetches what is not there yet, and hands over all that was asked for. */
export function requireLazy(names: string[], whenThere: (...found: object[]) => void): void {
  for (const name of names) asked.add(name)
  setTimeout(() => whenThere(...names.map(requireModule)))
}
