import { findChromium } from '@wsg/worker/src/whatsapp/browser/find-chromium.ts'
import { loadLibraries } from '@wsg/worker/src/whatsapp/library/web-js-client.ts'
import { describe, expect, test } from 'vitest'

const machine = (...installed: string[]) => ({
  downloaded: () => [],
  isExecutable: (path: string) => installed.includes(path),
})
const SHELL = '/usr/lib/chromium/chromium-headless-shell'

describe('looking for a browser', () => {
  test('likes the headless shell best', () => {
    expect(findChromium(undefined, machine('/usr/bin/chromium', SHELL))).toEqual({
      path: SHELL,
      headlessShell: true,
    })
  })

  test.each(['/usr/bin/chromium', '/usr/bin/google-chrome', '/usr/bin/google-chrome-stable'])(
    'takes %s where that is what there is',
    (path) => {
      expect(findChromium(undefined, machine(path))).toEqual({ path, headlessShell: false })
    },
  )

  test("takes puppeteer's own one last", () => {
    const downloaded = () => ['/cache/chrome-headless-shell', '/cache/chrome']
    expect(findChromium(undefined, { ...machine('/cache/chrome', SHELL), downloaded }).path).toBe(SHELL)
    expect(findChromium(undefined, { ...machine('/cache/chrome'), downloaded }).path).toBe('/cache/chrome')
  })

  test('finds what puppeteer downloads, the headless shell first, before and after a session was loaded', () => {
    for (let session = 1; session <= 2; session++) {
      const asked: string[] = []
      const isExecutable = (path: string) => {
        asked.push(path)
        return false
      }
      expect(() => findChromium(undefined, { isExecutable })).toThrow()
      expect(asked.slice(-2)).toEqual([
        expect.stringMatching(/chrome-headless-shell$/),
        expect.stringMatching(/chrome$/),
      ])
      loadLibraries()
    }
  })

  test('takes the named one and no other', () => {
    expect(findChromium('/opt/mine', machine(SHELL, '/opt/mine')).path).toBe('/opt/mine')
    expect(() => findChromium('/opt/gone', machine(SHELL))).toThrow(
      expect.objectContaining({ name: 'BrowserMissing' }),
    )
  })

  test("goes past Debian's script, which would leave the browser alive when it is killed", () => {
    const found = findChromium('/usr/bin/chromium-headless-shell', machine(SHELL))
    expect(found).toEqual({ path: SHELL, headlessShell: true })
  })

  test('says what to do where there is none', () => {
    expect(() => findChromium(undefined, machine())).toThrow(/PUPPETEER_EXECUTABLE_PATH/)
  })
})
