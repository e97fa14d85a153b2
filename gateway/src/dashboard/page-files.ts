import { readdirSync, readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { basename, dirname, extname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const PAGE = join(import.meta.dirname, 'page')
/** What the page's modules import by name. Each is served with the modules beside it, below `lib/`. */
const LIBRARIES = ['preact', 'preact/hooks', 'htm', 'eventsource-parser'] as const
/** What the page of the API loads as it is, below `lib/swagger-ui/`. */
const SWAGGER_UI = ['swagger-ui-bundle.js', 'swagger-ui.css'] as const
const BARE_IMPORT = new RegExp(`(\\bfrom\\s*)(['"])(${LIBRARIES.join('|')})\\2`, 'g')

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.ts': 'text/javascript; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
}

export interface PageFile {
  /** Below the folder of the page, `pages/sessions.ts`. */
  path: string
  type: string
  /** Read at the first call, and kept. */
  body(): string
}

/**
 * The files of the page as a browser takes them: types stripped, and libraries named by their address, since a browser
 * knows no `node_modules`.
 */
export function listPageFiles(): PageFile[] {
  const own = readdirSync(PAGE, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .map((file) => pageFile(relative(PAGE, file), file))
  return [...own, ...LIBRARIES.flatMap(libraryFiles)]
}

export function listSwaggerUiFiles(): PageFile[] {
  return SWAGGER_UI.map((file) => pageFile(join('lib/swagger-ui', file), entryOf(`swagger-ui-dist/${file}`)))
}

function libraryFiles(name: string): PageFile[] {
  const folder = dirname(entryOf(name))
  return readdirSync(folder)
    .filter((file) => /\.m?js$/.test(file))
    .map((file) => pageFile(join('lib', name, file), join(folder, file)))
}

function pageFile(path: string, file: string): PageFile {
  const type = TYPES[extname(path)]
  if (type === undefined) throw new Error(`${path} is of a kind that the dashboard does not serve`)
  let kept: string | undefined
  return {
    path,
    type,
    body() {
      kept ??= read(path, file)
      return kept
    },
  }
}

function read(path: string, file: string): string {
  return readAsBrowserCode(file, '../'.repeat(path.split('/').length - 1) || './')
}

/** @param root the address of the folder of the page, as seen from where the file is served, with a slash at its end */
export function readAsBrowserCode(file: string, root: string): string {
  const source = readFileSync(file, 'utf8')
  const code = file.endsWith('.ts') ? stripTypeScriptTypes(source) : source
  return code.replaceAll(BARE_IMPORT, (_, from: string, quote: string, name: string) => {
    return `${from}${quote}${root}lib/${name}/${basename(entryOf(name))}${quote}`
  })
}

function entryOf(library: string): string {
  return fileURLToPath(import.meta.resolve(library))
}
