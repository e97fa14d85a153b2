import { chownSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { prepareProfile } from '@wsg/worker/src/whatsapp/browser/profile.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'profile-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})
const profile = () => join(folder, 'auth', 'session-a')
const prepare = (world: 'real' | 'sandbox') => prepareProfile(profile(), `${profile()}.lock`, world)

describe('a profile folder', () => {
  test('is made when it is missing', () => {
    prepare('real')
    expect(existsSync(profile())).toBe(true)
  })

  test('belongs to the world in which it was made', () => {
    prepare('sandbox')
    prepare('sandbox')
    expect(() => prepare('real')).toThrow(expect.objectContaining({ name: 'ForeignWorld' }))
  })

  test('of an earlier service is real', () => {
    mkdirSync(profile(), { recursive: true })
    writeFileSync(join(profile(), 'Local State'), '{}')
    expect(() => prepare('sandbox')).toThrow(expect.objectContaining({ name: 'ForeignWorld' }))
    prepare('real')
    prepare('real')
  })

  test.runIf(process.getuid?.() === 0).each(['', 'Default'])(
    'of another user is refused with the command that mends it («%s»)',
    (entry) => {
      mkdirSync(join(profile(), entry), { recursive: true })
      chownSync(join(profile(), entry), 12_345, 12_345)
      expect(() => prepare('real')).toThrow(
        expect.objectContaining({
          name: 'ProfileNotOwned',
          message: expect.stringContaining(`chown -R 0:0 ${join(folder, 'auth')}`),
        }),
      )
    },
  )
})
