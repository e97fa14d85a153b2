import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { Unreachable } from './gateway-client.ts'

const ROOT = join(import.meta.dirname, '../..')
const PORT = '3000'

export interface Found {
  url: string
  token: string
}

/**
 * Which gateway is meant: the one that is given by `--url` and `--token`, or by `WSG_URL` and `WSG_TOKEN`; else the one that runs on
 * this machine by `npm start`, or `npm run sandbox`; else one on `PORT` with `API_TOKEN`, as in its container. Variables are read
 * from the environment and, beneath it, from `.env`.
 * @throws Unreachable where there is no token for it
 */
export function findGateway(
  given: { url?: string | undefined; token?: string | undefined; sandbox?: boolean },
  environment: NodeJS.ProcessEnv,
  root = ROOT,
): Found {
  const read: NodeJS.ProcessEnv = { ...parseEnv(readIfThere(join(root, '.env'))), ...environment }
  const folders = given.sandbox ? ['.data-sandbox'] : [read.DATA_DIR ?? '.data', '.data-sandbox']
  const local = folders.map((folder) => readLocalStart(resolve(root, folder))).find((start) => start !== null)
  const own = given.sandbox ? undefined : (read.API_TOKEN ?? readFile(read.API_TOKEN_FILE))
  const url = given.url ?? read.WSG_URL
  const token = given.token ?? read.WSG_TOKEN
  if (url !== undefined) return { url, token: token ?? needed(local?.url === url ? local.token : own) }
  if (local != null) return { url: local.url, token: token ?? needed(local.token ?? own) }
  return { url: `http://127.0.0.1:${read.PORT || PORT}`, token: token ?? needed(own) }
}

/** A start writes down where it can be reached, and removes that when it ends; its token is there where it made one. */
function readLocalStart(dataDir: string): { url: string; token: string | undefined } | null {
  const url = readFile(join(dataDir, 'address'))
  return url === undefined ? null : { url, token: readFile(join(dataDir, 'token')) }
}

function needed(token: string | undefined): string {
  if (token !== undefined) return token
  throw new Unreachable(
    'No gateway was found. Start one with npm start or npm run sandbox, or say which: --url and --token, or WSG_URL and WSG_TOKEN.',
  )
}

function readFile(path: string | undefined): string | undefined {
  return path === undefined || path === '' ? undefined : readIfThere(path).trim() || undefined
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
