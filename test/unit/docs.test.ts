import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { generateTypes } from '../../clients/typescript/generate.ts'
import { generateDocuments } from '../../docs/generate.ts'

it('the tables and diagrams in the documents are those of the code (npm run docs writes them)', () => {
  for (const { file, present, generated } of generateDocuments()) expect(present, file).toBe(generated)
})

// It builds the whole gateway and loads a second TypeScript.
it('the typed client is made from the OpenAPI document of today (npm run docs writes it)', async () => {
  const { present, generated } = await generateTypes()
  expect(present === generated, 'clients/typescript/src/schema.ts is out of date').toBe(true)
}, 60_000)

const ROOT = join(import.meta.dirname, '../..')
const pages = [
  ...['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'clients/typescript/README.md'],
  ...['deploy/kubernetes/README.md'],
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
]

it.each(pages)('%s leads nowhere that is not there', (page) => {
  const text = read(page).replaceAll(/^```[\s\S]*?^```$/gm, '')
  for (const [, file = '', anchor] of text.matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)]+))?\)/g)) {
    const target = file === '' ? page : join(dirname(page), file)
    expect(existsSync(join(ROOT, target)), `${file} in ${page}`).toBe(true)
    if (anchor !== undefined) expect(anchorsOf(target), `#${anchor} in ${page}`).toContain(anchor)
  }
})

it.each(pages)('every sample of %s in a programming language is one that a test runs', (page) => {
  expect(read(page).match(/^```(?:js|ts|python)$/gm)).toBeNull()
})

function read(page: string): string {
  return readFileSync(join(ROOT, page), 'utf8')
}

/** The names that GitHub gives to headings. */
function anchorsOf(page: string): string[] {
  return [...read(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}
