import { chownSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { NOBODY } from '@wsg/worker/src/whatsapp/browser/isolation.ts'
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
const prepare = (world: 'real' | 'sandbox', owner?: number) =>
  prepareProfile(profile(), `${profile()}.lock`, world, owner)

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
          message: expect.stringContaining(`chown -R 0:0 ${profile()}`),
        }),
      )
    },
  )

  describe.runIf(process.getuid?.() === 0)('that root opens', () => {
    test("is given to the browser's user once, also where root made it before", () => {
      expect(prepare('real', NOBODY.uid)).toEqual({ mustBeGiven: true })
      chownSync(profile(), NOBODY.uid, NOBODY.gid)
      expect(prepare('real', NOBODY.uid)).toEqual({ mustBeGiven: false })
    })

    test('goes back to root where the browser runs as root again', () => {
      mkdirSync(profile(), { recursive: true })
      chownSync(profile(), NOBODY.uid, NOBODY.gid)
      expect(prepare('real')).toEqual({ mustBeGiven: true })
    })

    test('has its mark written through no link that a browser left there', () => {
      const target = join(folder, 'target')
      mkdirSync(profile(), { recursive: true })
      symlinkSync(target, join(profile(), '.world'))
      expect(() => prepare('real')).toThrow('EEXIST')
      expect(existsSync(target)).toBe(false)
    })
  })
})
