import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Where Debian keeps certificates that its administrator added, such as that of a proxy which inspects TLS. */
const FOLDER = '/usr/local/share/ca-certificates'

/** The certificates (PEM) that npm in an image has to trust besides the well-known ones; empty where there are none. */
export function extraCaCerts(): string {
  if (process.env.EXTRA_CA_CERTS !== undefined) return process.env.EXTRA_CA_CERTS
  try {
    const files = readdirSync(FOLDER).filter((name) => name.endsWith('.crt'))
    return files.map((name) => readFileSync(join(FOLDER, name), 'utf8')).join('\n')
  } catch {
    return ''
  }
}
