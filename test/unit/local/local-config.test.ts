import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { localConfigSchema, readLocalConfig } from '../../../local/local-config.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'local-config-'))
})
afterEach(() => rmSync(root, { recursive: true }))

describe('the configuration of one machine', () => {
  it('needs nothing to be set', () => {
    expect(readLocalConfig('real', {}, root)).toMatchObject({
      host: '127.0.0.1',
      port: 3000,
      apiToken: null,
      redis: null,
      dataDir: join(root, '.data'),
    })
  })

  it('names every fault at once, of whichever program', () => {
    const faulty = {
      PORT: 'x',
      MAX_SESSIONS: '0',
      LOG_LEVEL: 'loud',
      MAX_QUEUED: '-1',
      QR_TIMEOUT_MS: 'soon',
    }
    expect(() => readLocalConfig('real', faulty, root)).toThrow(
      expect.objectContaining({
        faults: expect.arrayContaining(
          Object.keys(faulty).map((name) => expect.stringMatching(new RegExp(`^${name}: `))),
        ),
      }),
    )
  })

  it('keeps the data of sandbox and real apart by default', () => {
    expect(readLocalConfig('sandbox', {}, root).dataDir).toBe(join(root, '.data-sandbox'))
  })

  it('reads .env beneath the environment, but never for the sandbox', () => {
    writeFileSync(join(root, '.env'), 'PORT=4000\nREDIS_URL=redis://real:6379\nLOG_LEVEL=warn\n')
    const real = readLocalConfig('real', { PORT: '5000' }, root)
    expect(real).toMatchObject({ port: 5000, redis: { at: { host: 'real', port: 6379 } } })
    expect(real.environment).toMatchObject({ LOG_LEVEL: 'warn' })
    expect(readLocalConfig('sandbox', {}, root)).toMatchObject({ port: 3000, redis: null })
  })

  it('has every variable in .env.example with its default', () => {
    const text = readFileSync(join(import.meta.dirname, '../../../.env.example'), 'utf8')
    const defaults = localConfigSchema.parse({ DATA_DIR: '.data' }) as Record<string, unknown>
    const given = new Map([...text.matchAll(/^#([A-Z_]+)=(.*)$/gm)].map(([, name, value]) => [name, value]))
    expect([...given.keys()].sort()).toEqual(Object.keys(localConfigSchema.shape).sort())
    for (const [name, value] of given)
      expect([name, value]).toEqual([name, String(defaults[name ?? ''] ?? '')])
  })
})
