import { expect, it } from 'vitest'
import { banner, callableAddress, warnOfChromium } from '../../../local/banner.ts'

const facts = {
  world: 'sandbox',
  address: 'http://127.0.0.1:3000',
  token: 'a-token',
  phonePage: 'http://127.0.0.1:4000',
  logFile: null,
  maxSessions: 4,
  chromiumWarning: null,
} as const

it('names the dashboard first, and has address, token and phone page on lines of their own', () => {
  const lines = banner(facts).split('\n')
  expect(lines.find((line) => line.includes('http'))).toBe('Dashboard: http://127.0.0.1:3000/')
  expect(lines).toEqual(
    expect.arrayContaining([
      'Address: http://127.0.0.1:3000',
      'Token: a-token',
      'Phone page: http://127.0.0.1:4000',
    ]),
  )
})

it('has a line that sets what the samples of the documentation name', () => {
  const line = 'export URL=http://127.0.0.1:3000 TOKEN=a-token'
  expect(banner(facts).split('\n')).toContain(`${line} PHONE=http://127.0.0.1:4000`)
  expect(banner({ ...facts, phonePage: null }).split('\n')).toContain(line)
})

it('says of the sandbox that nothing reaches WhatsApp, and of the real world nothing of a phone page', () => {
  expect(banner(facts)).toContain('Nothing you send here reaches the real WhatsApp')
  const real = banner({ ...facts, world: 'real', phonePage: null })
  expect(real).not.toMatch(/sandbox|phone page/i)
})

it.each([
  ['127.0.0.1', 'http://127.0.0.1:80'],
  ['0.0.0.0', 'http://127.0.0.1:80'],
  ['::', 'http://[::1]:80'],
  ['example.test', 'http://example.test:80'],
])('names an address that can be called where it listens on %s', (host, address) => {
  expect(callableAddress(host, 80)).toBe(address)
})

it('warns in one line of a Chromium without its sandbox, and of nothing where it has it', () => {
  const chromiumWarning = 'Chromium runs without its sandbox: CHROMIUM_SANDBOX is off.'
  expect(banner({ ...facts, chromiumWarning }).split('\n')).toContain(`Warning: ${chromiumWarning}`)
  expect(banner(facts)).not.toContain('Warning')
})

it('knows beforehand why the workers will start Chromium without its sandbox, or not at all', () => {
  const chromium = { executablePath: '/bin/true', chromiumArgs: [], sandbox: 'off' } as const
  const dataDir = '/nowhere'
  expect(warnOfChromium({ dataDir, chromium })).toBe(
    'Chromium runs without its sandbox: CHROMIUM_SANDBOX is off.',
  )
  expect(warnOfChromium({ dataDir, chromium: { ...chromium, executablePath: '/nowhere/chromium' } })).toBe(
    'No session can start. PUPPETEER_EXECUTABLE_PATH cannot be run: /nowhere/chromium',
  )
})
