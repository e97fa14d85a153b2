import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

interface LockedPackage {
  integrity?: string
  link?: boolean
  optionalDependencies?: Record<string, string>
}

const file = readFileSync(join(import.meta.dirname, '../../package-lock.json'), 'utf8')
const { packages } = JSON.parse(file) as { packages: Record<string, LockedPackage> }
const locked = Object.entries(packages)

/**
 * npm leaves both out for packages of other platforms that it could not look up when it wrote the lock, and does not add
 * them later. To mend it by hand: `npm view NAME@VERSION dist.integrity cpu os`.
 */
it('package-lock.json fixes the content of every package, whatever platform it is for', () => {
  const withoutIntegrity = locked
    .filter(([path, { link, integrity }]) => path.startsWith('node_modules/') && !link && !integrity)
    .map(([path]) => path)
  expect(withoutIntegrity).toEqual([])
})

it('package-lock.json has every optional package that another one names', () => {
  const missing = locked.flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter(
      (name) => !(`node_modules/${name}` in packages || `${path}/node_modules/${name}` in packages),
    ),
  )
  expect(missing).toEqual([])
})
