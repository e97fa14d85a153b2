import { randomBytes } from 'node:crypto'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The token of this installation: the given one, else the one in the data folder, which is made once. */
export function loadToken(dataDir: string, given: string | null): string {
  if (given !== null) return given
  const file = join(dataDir, 'token')
  const kept = readKept(file)
  if (kept !== '') return kept
  const token = randomBytes(24).toString('base64url')
  writeFileSync(file, `${token}\n`, { mode: 0o600 })
  chmodSync(file, 0o600)
  return token
}

function readKept(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}
