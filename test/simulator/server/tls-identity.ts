import { createHash, createPublicKey } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { generate } from 'selfsigned'

export interface TlsIdentity {
  key: string
  cert: string
  /** SHA-256 of the public key's SPKI, base64: what Chromium's certificate exception is given. */
  spkiHash: string
}

/** Makes the simulator's own key once and keeps it in the data folder, so that running browsers stay connected. */
export async function tlsIdentity(dataDir: string): Promise<TlsIdentity> {
  const file = join(dataDir, 'tls.json')
  if (!existsSync(file)) {
    const made = await generate([{ name: 'commonName', value: 'web.whatsapp.com' }], {
      keyType: 'ec',
      algorithm: 'sha256',
      notAfterDate: new Date(Date.now() + 3650 * 86_400_000),
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'web.whatsapp.com' }] }],
    })
    writeFileSync(file, JSON.stringify({ key: made.private, cert: made.cert }), { mode: 0o600 })
  }
  const { key, cert } = JSON.parse(readFileSync(file, 'utf8')) as { key: string; cert: string }
  const spki = createPublicKey(cert).export({ type: 'spki', format: 'der' })
  return { key, cert, spkiHash: createHash('sha256').update(spki).digest('base64') }
}
