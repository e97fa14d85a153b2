import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Stack } from '../support/stack.ts'

const ROOT = join(import.meta.dirname, '../..')
const CLIENT = join(ROOT, 'clients/typescript/src/client.ts')
const exec = promisify(execFile)

interface Block {
  language: string
  /** Its command ends with an error, which the page shows. */
  fails: boolean
  code: string
  /** What the page says that is answered. */
  answer: unknown
}

/** The blocks of a page that are marked `run`, each with the answer that follows it. */
function blocksOf(page: string): Block[] {
  const text = readFileSync(join(ROOT, page), 'utf8')
  const pattern = /^```(\w+) run( fails)?\n([\s\S]*?)^```\n(?:```json answer\n([\s\S]*?)^```\n)?/gm
  return [...text.matchAll(pattern)].map(([, language = '', fails, code = '', answer]) => ({
    language,
    fails: fails !== undefined,
    code,
    answer: answer === undefined ? undefined : JSON.parse(answer),
  }))
}

const guides = readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md'))
/** README first: its blocks link the phone of the session that all others use. */
const pages = ['README.md', 'clients/typescript/README.md', ...guides.map((name) => `docs/${name}`)]
  .map((page) => [page, blocksOf(page)] as const)
  .filter(([, blocks]) => blocks.length > 0)

let stack: Stack
let folder: string
beforeAll(async () => {
  stack = await Stack.start({ converter: true })
  folder = mkdtempSync(join(tmpdir(), 'docs-'))
  // The files that the pages name.
  const picture =
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC'
  writeFileSync(join(folder, 'photo.jpg'), Buffer.from(picture, 'base64'))
  writeFileSync(join(folder, 'offer.pdf'), '%PDF-1.7\nhello')
  const lines = [1, 2, 3].map((line) => `{"to": "551199988776${line}", "message": "Line ${line}"}\n`)
  writeFileSync(join(folder, 'messages.ndjson'), lines.join(''))
})
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true })
  await stack.close()
})

/** @returns what it printed */
async function run({ language, code, fails }: Block): Promise<string> {
  const { api, simulator } = stack
  const env = { PATH: process.env.PATH, URL: api.address, TOKEN: api.token, PHONE: simulator.url }
  // What one block of a page sets is there in the next.
  const shell = `set -euo pipefail; touch vars; . ./vars; set -a
    curl() { command curl -sS ${fails ? '' : '--fail-with-body'} "$@"; }
    ${code}
    set +a; declare -p | grep -E '^declare -x (GROUP|UPLOAD|BATCH|CODE|ID)=' > vars || true`
  const [program, ...args] =
    language === 'bash'
      ? ['bash', '-c', shell]
      : language === 'python'
        ? ['python3', '-c', code]
        : [
            process.execPath,
            '--no-warnings',
            '--input-type=module-typescript',
            '-e',
            code.replaceAll("'@wsg/client'", `'${CLIENT}'`),
          ]
  const { stdout } = await exec(program as string, args, { cwd: folder, env, timeout: 90_000 })
  return stdout
}

describe.each(pages)('%s', (_page, blocks) => {
  for (const [i, block] of blocks.entries()) {
    // Those in the shell build on each other; the others stand alone.
    const test = block.language === 'bash' ? it : it.concurrent
    test(`does what it says: block ${i + 1}, ${block.language}`, async () => {
      const printed = await run(block)
      if (block.answer !== undefined)
        expect(shapeOf(JSON.parse(printed))).toMatchObject(shapeOf(block.answer))
    })
  }
})

/** The names of an answer and the types of what they hold: ids and times are others each time. */
function shapeOf(value: unknown): object {
  const shape = (one: unknown): unknown => {
    if (Array.isArray(one)) return one.slice(0, 1).map(shape)
    if (one === null || typeof one !== 'object') return typeof one
    return Object.fromEntries(Object.entries(one).map(([name, held]) => [name, shape(held)]))
  }
  return shape(value) as object
}
