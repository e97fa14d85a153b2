import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { generateTypes } from '../../clients/typescript/generate.ts'
import { generateDocuments } from '../../docs/generate.ts'
import { openapiDocument } from '../../docs/openapi-document.ts'

it('the tables and diagrams in the documents are those of the code (npm run docs writes them)', () => {
  for (const { file, present, generated } of generateDocuments()) expect(present, file).toBe(generated)
})

// It builds the whole gateway and loads a second TypeScript.
it('the typed client is made from the OpenAPI document of today (npm run docs writes it)', async () => {
  const { present, generated } = await generateTypes()
  expect(present === generated, 'clients/typescript/src/schema.ts is out of date').toBe(true)
})

const exec = promisify(execFile)
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

it('every sample in TypeScript compiles against the typed client', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'samples-'))
  const client = join(ROOT, 'clients/typescript/src/client.ts')
  for (const page of pages) {
    const samples = [...read(page).matchAll(/^```ts \w+\n([\s\S]*?)^```$/gm)]
    for (const [i, [, code = '']] of samples.entries())
      writeFileSync(
        join(folder, `${basename(page)}-${i + 1}.ts`),
        `${code.replaceAll("'@wsg/client'", `'${client}'`)}\nexport {}\n`,
      )
  }
  const compilerOptions = { noEmit: true, typeRoots: [join(ROOT, 'node_modules/@types')], types: ['node'] }
  const config = { extends: join(ROOT, 'tsconfig.base.json'), compilerOptions, include: ['*.ts'] }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
  // Without it whatever package.json lies above the temporary folder decides whether they are modules.
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }))
  const faults = await exec(join(ROOT, 'node_modules/.bin/tsc'), ['--project', folder]).then(
    () => '',
    ({ stdout }: { stdout: string }) => stdout,
  )
  rmSync(folder, { recursive: true })
  expect(faults).toBe('')
})

// It builds the whole gateway.
it('every request that a page names is one that this service takes', async () => {
  const { paths } = (await openapiDocument()) as { paths: Record<string, object> }
  const known = Object.entries(paths).map(([path, methods]) => ({
    pattern: new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`),
    methods: Object.keys(methods),
  }))
  for (const page of pages) {
    for (const [method, path] of requestsOf(page)) {
      const takes = known.some(({ pattern, methods }) => pattern.test(path) && methods.includes(method))
      expect(takes || NOT_DESCRIBED.has(path), `${method} ${path} in ${page}`).toBe(true)
    }
  }
})

/** Pages and protocols that the OpenAPI document leaves out. */
const NOT_DESCRIBED = new Set(['/', '/docs', '/mcp', '/llms.txt'])

/** The requests that stand in the text and tables of a page as `METHOD /path`, or `METHOD`, `METHOD /path`. */
function requestsOf(page: string): [method: string, path: string][] {
  const text = read(page).replaceAll(/^```[\s\S]*?^```$/gm, '')
  // What the first column of these tables has is asked of the others.
  const own = page === 'docs/moving-here.md' ? text.replaceAll(/^\| .*? \| /gm, '') : text
  return [
    ...own.matchAll(/((?:`(?:GET|POST|PUT|PATCH|DELETE)`, )*)`(GET|POST|PUT|PATCH|DELETE) (\/[^\s`?]*)/g),
  ].flatMap(([, others = '', method = '', path = '']) =>
    [...others.matchAll(/[A-Z]+/g), [method]].map(([one = '']): [string, string] => [
      one.toLowerCase(),
      path,
    ]),
  )
}

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
