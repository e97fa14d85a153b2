import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const FOLDER = join(import.meta.dirname, '../../../../worker/src/whatsapp/page')
const NOT_SENT = [
  ...['bindings.ts', 'kit.ts', 'page-kit.ts', 'page-globals.ts', 'not-written.ts'],
  ...['page-operation.ts', 'page-operations.ts', 'subjects.ts', 'shared-functions.ts'].map((file) =>
    join('operations', file),
  ),
  ...['page-listener.ts', 'page-listeners.ts', 'page-news.ts'].map((file) => join('listeners', file)),
]
const files = (readdirSync(FOLDER, { recursive: true }) as string[]).filter(
  (file) => file.endsWith('.ts') && !NOT_SENT.includes(file),
)

/** The functions among what a module exports, those of operations and listeners included. */
function functionsOf(exported: object): [name: string, inPage: unknown][] {
  return Object.entries(exported).flatMap(([name, value]): [string, unknown][] =>
    typeof value === 'function'
      ? [[name, value]]
      : Object.entries(value as Record<string, { run?: unknown; listen?: unknown }>).map(
          ([entry, { run, listen }]) => [entry, run ?? listen],
        ),
  )
}

test.each(files)('what %s sends into the page is whole by itself', async (file) => {
  const sent = functionsOf((await import(join(FOLDER, file))) as object)
  expect(sent).not.toEqual([])
  for (const [name, inPage] of sent) {
    expect(inPage).toBeTypeOf('function')
    const text = String(inPage)
    // Compiles alone, and names nothing that a bundler or test runner put outside of it.
    expect(() => new Function(`return ${text}`)).not.toThrow()
    expect(text).not.toMatch(/__vi_|__vite_|__name\b/)
    // An operation or a listener is put behind its name, so it must not be a method.
    expect(text).toMatch(/[. ]/.test(name) ? /^(async )?\(/ : new RegExp(`^(async )?function ${name}`))
  }
})
