import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

interface Lock {
  packages?: Record<string, { version?: string; optional?: boolean; link?: boolean }>
}

/** What setup.mjs exports; it is plain JavaScript because it runs on whatever Node the machine has. */
interface Setup {
  packagesOutdated(wanted: Lock, installed: Lock | null, exists: (path: string) => boolean): boolean
  chromiumPlaces(environment: NodeJS.ProcessEnv, listFolder: (path: string) => string[]): string[]
  missingPackages(environment: NodeJS.ProcessEnv, has: (program: string) => boolean): string[]
  nodeMajor(text: string): number
}

const FILE = join(import.meta.dirname, '../../../setup.mjs')
const setup = (await import(FILE)) as Setup

describe('npm packages are installed again', () => {
  const lock: Lock = {
    packages: {
      '': {},
      gateway: { version: '0.1.0' },
      'node_modules/a': { version: '1.0.0' },
      'node_modules/of-another-platform': { version: '1.0.0', optional: true },
    },
  }
  const installed: Lock = { packages: { 'node_modules/a': { version: '1.0.0' } } }
  const there = () => true

  it('never when all is there, whatever optional package is not', () => {
    expect(setup.packagesOutdated(lock, installed, there)).toBe(false)
  })

  it('when there are none', () => {
    expect(setup.packagesOutdated(lock, null, there)).toBe(true)
  })

  it('when the lock wants another version, or one more', () => {
    expect(
      setup.packagesOutdated(lock, { packages: { 'node_modules/a': { version: '0.9.0' } } }, there),
    ).toBe(true)
    const more = { packages: { ...lock.packages, 'node_modules/b': { version: '1.0.0' } } }
    expect(setup.packagesOutdated(more, installed, there)).toBe(true)
  })

  it('when one is on record but its folder is gone', () => {
    expect(setup.packagesOutdated(lock, installed, () => false)).toBe(true)
  })
})

it('a lock that does not fit package.json ends the set-up with what to do, and nothing else is installed', () => {
  const root = mkdtempSync(join(tmpdir(), 'setup-'))
  try {
    copyFileSync(FILE, join(root, 'setup.mjs'))
    writeFileSync(join(root, 'package-lock.json'), '{"packages": {"node_modules/a": {"version": "1.0.0"}}}')
    const npm = `#!/bin/sh\necho "$@" >> '${root}/asked'\necho 'npm error code EUSAGE'\nexit 1\n`
    writeFileSync(join(root, 'npm'), npm, { mode: 0o755 })
    const { status, stderr } = spawnSync(process.execPath, ['setup.mjs'], {
      cwd: root,
      env: { ...process.env, PATH: `${root}:${process.env.PATH}` },
      encoding: 'utf8',
    })
    expect(status).toBe(1)
    expect(stderr).toContain('package-lock.json does not fit package.json. Run npm install')
    expect(readFileSync(join(root, 'asked'), 'utf8')).toBe('ci --no-audit --no-fund\n')
  } finally {
    rmSync(root, { recursive: true })
  }
})

describe('Chromium', () => {
  it('is only looked for where PUPPETEER_EXECUTABLE_PATH says, when it does', () => {
    expect(setup.chromiumPlaces({ PUPPETEER_EXECUTABLE_PATH: '/opt/mine' }, () => [])).toEqual(['/opt/mine'])
  })

  it("is also looked for in puppeteer's own folder", () => {
    const folders: Record<string, string[]> = {
      '/cache/chrome-headless-shell': ['linux-146'],
      '/cache/chrome-headless-shell/linux-146': ['chrome-headless-shell-linux64'],
    }
    expect(setup.chromiumPlaces({ PUPPETEER_CACHE_DIR: '/cache' }, (path) => folders[path] ?? [])).toContain(
      '/cache/chrome-headless-shell/linux-146/chrome-headless-shell-linux64/chrome-headless-shell',
    )
  })
})

describe('programs of the system', () => {
  it('are not asked for when all are there', () => {
    expect(setup.missingPackages({}, () => true)).toEqual([])
  })

  it('do not include Redis where REDIS_URL names one, except for the tests', () => {
    const none = () => false
    const REDIS_URL = 'redis://elsewhere'
    expect(setup.missingPackages({}, none)).toEqual(['redis-server', 'util-linux'])
    expect(setup.missingPackages({ REDIS_URL }, none)).toEqual(['util-linux'])
    expect(setup.missingPackages({ REDIS_URL, npm_lifecycle_event: 'pretest' }, none)).toEqual([
      ...['redis-server', 'util-linux', 'python3', 'ffmpeg', 'libheif-examples'],
    ])
  })
})

it.each([
  ['v24.9.0\n', 24],
  ['v18.20.1', 18],
  ['', 0],
])('reads the major of %j', (text, major) => {
  expect(setup.nodeMajor(text)).toBe(major)
})
