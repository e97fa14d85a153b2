import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { dirname, join, relative } from 'node:path'

const IMPORT = /^import\s*\{([^}]*)\}\s*from\s*'([^']+)'/gm
const EXPORT = /^export ((?:async )?function|const|class) (\w+)/gm

/**
 * The page's modules as one script, so that a page load is two requests: types stripped by Node, each file in a
 * function of its own, in the order of their imports. Only `import { … } from` and `export const|function|class`
 * are understood; anything else is refused by name, as is a circle of imports.
 */
export function pageScript(entry: string): { code: string; hash: string } {
  const root = dirname(entry)
  const written = new Set<string>()
  const underWay = new Set<string>()
  const parts = ["'use strict'", 'const $files = {}']

  const write = (file: string): void => {
    if (written.has(file)) return
    const name = relative(root, file)
    if (underWay.has(file)) throw new Error(`${name} imports itself in a circle`)
    underWay.add(file)
    const exported: string[] = []
    const code = stripTypeScriptTypes(readFileSync(file, 'utf8'))
      .replaceAll(IMPORT, (_, names: string, from: string) => {
        const target = join(dirname(file), from)
        write(target)
        return `const {${names.replaceAll(/\bas\b/g, ':')}} = $files['${relative(root, target)}']`
      })
      .replaceAll(EXPORT, (_, kind: string, declared: string) => {
        exported.push(declared)
        return `${kind} ${declared}`
      })
    const rest = /^(?:import|export)\b.*/m.exec(code)
    if (rest) throw new Error(`${name}: «${rest[0]}» is a form that the page script does not know`)
    parts.push(`$files['${name}'] = (() => {\n${code}\nreturn { ${exported.join(', ')} }\n})()`)
    written.add(file)
  }
  write(entry)
  const code = parts.join('\n')
  return { code, hash: createHash('sha256').update(code).digest('hex').slice(0, 16) }
}
