import { boot } from './build.ts'
import { modules } from './modules.ts'

const loadedAt = Date.now()
const asked = new Set<string>()

function isThere(name: string): boolean {
  if (!Object.hasOwn(modules, name) || boot.missing.includes(name)) return false
  if (Date.now() < loadedAt + (boot.lateModules[name] ?? 0)) return false
  return !boot.lazyModules.includes(name) || asked.has(name)
}

/** A module as those see it who may not see some of its exports. What they set is set on the module itself. */
function without(hidden: Set<string | symbol>, module: object): object {
  return new Proxy(module, {
    get: (target, key) => (hidden.has(key) ? undefined : Reflect.get(target, key)),
    has: (target, key) => !hidden.has(key) && Reflect.has(target, key),
    ownKeys: (target) => Reflect.ownKeys(target).filter((key) => !hidden.has(key)),
  })
}

/** What `window.require` is. Throws for a module that is not there, or not yet, naming it. */
export function requireModule(name: string): object {
  const found = isThere(name) ? modules[name] : undefined
  if (!found) throw new Error(`Requiring unknown module "${name}"`)
  const hidden = boot.missing.filter((path) => path.startsWith(`${name}.`))
  return hidden.length === 0
    ? found
    : without(new Set(hidden.map((path) => path.slice(name.length + 1))), found)
}

/** The page's loader: fetches what is not there yet, and hands over all that was asked for. */
export function requireLazy(names: string[], whenThere: (...found: object[]) => void): void {
  for (const name of names) asked.add(name)
  setTimeout(() => whenThere(...names.map(requireModule)))
}
