import {
  type ChromiumOptions,
  composeChromiumFlags,
} from '@wsg/worker/src/whatsapp/browser/chromium-flags.ts'
import { composeHostResolverRules, placeOfHost } from '@wsg/worker/src/whatsapp/browser/host-rules.ts'
import { describe, expect, test } from 'vitest'

const setting: ChromiumOptions = {
  profilePath: '/data/profile',
  headlessShell: true,
  sandbox: true,
  extra: [],
}
const compose = (change: Partial<ChromiumOptions> = {}) => composeChromiumFlags({ ...setting, ...change })

describe("Chromium's flags", () => {
  test('keep it from calling home and put it on its profile, behind a pipe', () => {
    expect(compose()).toEqual(
      expect.arrayContaining([
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--no-first-run',
        '--disable-dev-shm-usage',
        '--user-data-dir=/data/profile',
        '--remote-debugging-pipe',
      ]),
    )
    expect(compose().at(-1)).toBe('about:blank')
  })

  test('leave the sandbox on unless it must be off', () => {
    expect(compose()).not.toContain('--no-sandbox')
    expect(compose()).not.toContain('--no-zygote')
    expect(compose({ sandbox: false })).toEqual(expect.arrayContaining(['--no-sandbox', '--no-zygote']))
  })

  test('save memory on the headless shell only, where it was measured', () => {
    expect(compose()).toEqual(expect.arrayContaining(['--headless', '--disable-software-rasterizer']))
    const full = compose({ headlessShell: false, sandbox: false })
    expect(full).toContain('--headless=new')
    expect(full).not.toContain('--disable-software-rasterizer')
    expect(full).not.toContain('--no-zygote')
  })

  test('take what the operator adds, and let it win', () => {
    const flags = compose({ extra: ['--lang=pt-BR', '--window-size=800,600', '--no-sandbox'] })
    expect(flags).toEqual(expect.arrayContaining(['--lang=pt-BR', '--window-size=800,600', '--no-sandbox']))
    expect(flags.filter((flag) => flag.startsWith('--window-size'))).toHaveLength(1)
  })

  test('join lists of features', () => {
    const flags = compose({ extra: ['--enable-features=One,Two', '--enable-features=Two,Three'] })
    expect(flags.filter((flag) => flag.startsWith('--enable-features'))).toEqual([
      '--enable-features=NetworkServiceInProcess2,One,Two,Three',
    ])
  })

  test('are once each', () => {
    const names = compose({ extra: ['--disable-sync', '--disable-sync'] }).map((flag) => flag.split('=')[0])
    expect(new Set(names).size).toBe(names.length)
  })

  test.each([
    '--user-data-dir=/elsewhere',
    '--profile-directory=Other',
    '--remote-debugging-port=9222',
    '--remote-debugging-address=0.0.0.0',
    '--remote-allow-origins=*',
    '--host-rules=MAP * example.com',
    'https://example.com',
    '--',
  ])('do not let the operator move the profile, the steering or the page: %s', (flag) => {
    expect(compose({ extra: [flag] })).toEqual(compose())
  })

  test("carry the allow-list, the operator's rules merged into it", () => {
    const rules = (extra: string[]) =>
      compose({ extra }).filter((flag) => flag.startsWith('--host-resolver-rules='))
    const [own] = rules([])
    expect(own).toMatch(/MAP \* ~NOTFOUND$/)
    expect(rules(['--host-resolver-rules=MAP web.whatsapp.com 127.0.0.1:1'])).toEqual([
      expect.stringMatching(/=MAP web\.whatsapp\.com 127\.0\.0\.1:1, .*MAP \* ~NOTFOUND$/),
    ])
    expect(rules(['--host-resolver-rules=', '--host-resolver-rules=EXCLUDE *'])).toEqual([own])
  })

  test('let the host of a proxy resolve', () => {
    const flags = compose({ extra: ['--proxy-server=http=one.example:8080;socks5://two.example:1080'] })
    const rules = flags.find((flag) => flag.startsWith('--host-resolver-rules='))
    expect(rules).toContain('EXCLUDE one.example, EXCLUDE two.example, MAP')
  })
})

describe('behind the proxy of a session', () => {
  const behind = (extra: string[] = []) => compose({ proxyPort: 4567, extra })

  test('everything goes there, calls and what is on loopback too, and nothing else is looked up', () => {
    expect(behind()).toEqual(
      expect.arrayContaining([
        '--proxy-server=http://127.0.0.1:4567',
        '--proxy-bypass-list=<-loopback>',
        '--force-webrtc-ip-handling-policy=disable_non_proxied_udp',
        '--disable-quic',
        '--host-resolver-rules=EXCLUDE 127.0.0.1, MAP * ~NOTFOUND',
      ]),
    )
  })

  test.each([
    '--proxy-server=http://other.example:3128',
    '--proxy-pac-url=http://other.example/pac',
    '--proxy-bypass-list=*',
    '--no-proxy-server',
    '--force-webrtc-ip-handling-policy=default',
    '--enable-quic',
    '--host-resolver-rules=MAP web.whatsapp.com 127.0.0.1:1',
  ])('no flag of the operator leads around it: %s', (flag) => {
    expect(behind([flag])).toEqual(behind())
  })

  test.each([
    ['web.whatsapp.com', { host: '127.0.0.1', port: 4000 }],
    ['mmg.whatsapp.net', { host: 'mmg.whatsapp.net', port: 443 }],
    ['mapped.example.org', { host: '::1', port: 443 }],
    ['let.example.com', { host: 'let.example.com', port: 443 }],
    ['example.com', null],
    ['127.0.0.1', null],
    ['evilwhatsapp.com', null],
  ])('%s is reached as it would be without one', (host, place) => {
    const given = [
      'MAP web.whatsapp.com 127.0.0.1:4000, EXCLUDE *',
      'MAP *.example.org [::1],EXCLUDE let.example.com',
    ]
    expect(placeOfHost({ host, port: 443 }, given)).toEqual(place)
  })
})

const OWN = 'EXCLUDE whatsapp.com, EXCLUDE *.whatsapp.com, EXCLUDE whatsapp.net, EXCLUDE *.whatsapp.net'

describe('the site allow-list', () => {
  test("lets WhatsApp's hosts resolve and nothing else", () => {
    expect(composeHostResolverRules([])).toBe(`${OWN}, MAP * ~NOTFOUND`)
  })

  test('puts a mapping of the operator first and does not exclude what it maps', () => {
    expect(composeHostResolverRules(['MAP web.whatsapp.com 127.0.0.1:4000'])).toBe(
      'MAP web.whatsapp.com 127.0.0.1:4000, EXCLUDE whatsapp.com, EXCLUDE whatsapp.net, EXCLUDE *.whatsapp.net, MAP * ~NOTFOUND',
    )
  })

  test('keeps a wider mapping whole', () => {
    const rules = composeHostResolverRules(['MAP *.whatsapp.net 10.0.0.1 , MAP *.com 10.0.0.2'])
    expect(rules).toBe(
      'MAP *.whatsapp.net 10.0.0.1, MAP *.com 10.0.0.2, EXCLUDE whatsapp.net, MAP * ~NOTFOUND',
    )
  })

  test('can be added to', () => {
    expect(composeHostResolverRules(['EXCLUDE *.example.org'], ['proxy.example'])).toBe(
      `EXCLUDE *.example.org, ${OWN}, EXCLUDE proxy.example, MAP * ~NOTFOUND`,
    )
  })

  test.each(['EXCLUDE *', 'exclude  *.*', 'EXCLUDE **', 'EXCLUDE'])('is not ended by «%s»', (rule) => {
    expect(composeHostResolverRules([rule])).toBe(`${OWN}, MAP * ~NOTFOUND`)
  })
})
