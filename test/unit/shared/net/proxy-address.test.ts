import { forbiddenProxy, maskedProxy, partsOfProxy, proxyUrlSchema } from '@wsg/shared/net/proxy-address.ts'
import { describe, expect, test } from 'vitest'

describe("a proxy's address", () => {
  test.each([
    ['http://proxy.example', 'http:', 'proxy.example', 80, '', ''],
    ['HTTPS://User:p%40ss%3A@Proxy.Example/', 'https:', 'proxy.example', 443, 'User', 'p@ss:'],
    ['http://user%40x:p%25w@proxy.test:8080', 'http:', 'proxy.test', 8080, 'user@x', 'p%w'],
    ['https://proxy.example:80', 'https:', 'proxy.example', 80, '', ''],
    ['http://user@proxy.example:8080', 'http:', 'proxy.example', 8080, 'user', ''],
    ['socks5://[2606:4700::1]', 'socks5:', '2606:4700::1', 1080, '', ''],
    ['socks5://0x7f.1:80', 'socks5:', '127.0.0.1', 80, '', ''],
  ])('%s is read', (url, protocol, host, port, user, password) => {
    expect(proxyUrlSchema.safeParse(url).success).toBe(true)
    expect(partsOfProxy(url)).toEqual({ protocol, host, port, user, password })
  })

  test.each([
    ['proxy.example:8080', 'must begin with'],
    ['socks4://proxy.example', 'must begin with'],
    ['http://', 'must be an address'],
    ['http://secret-word:secret-word@proxy.example:99999', 'must be an address'],
    ['http://proxy.example/path?secret-word', 'must end with the port'],
    ['socks5://user:secret-word@proxy.example', 'a socks5 proxy cannot have a password'],
    ['http://user:***@proxy.example', 'give the password itself'],
  ])('%s is refused, in words that do not repeat it', (url, words) => {
    const { message } = proxyUrlSchema.safeParse(url).error?.issues[0] ?? { message: '' }
    expect(message).toContain(words)
    expect(message).not.toContain('secret-word')
  })

  test.each([
    ['http://user:secret-word@proxy.example', 'http://user:***@proxy.example:80'],
    ['http://user%40x:p%25w@proxy.test:8080', 'http://user%40x:***@proxy.test:8080'],
    ['https://user@proxy.example', 'https://user@proxy.example:443'],
    ['socks5://[2606:4700::1]', 'socks5://[2606:4700::1]:1080'],
  ])('%s is shown as %s', (url, shown) => {
    expect(maskedProxy(url)).toBe(shown)
  })

  test.each(['http://10.0.0.5', 'socks5://2130706433:1080', 'socks5://[::1]', 'https://0x7f000001'])(
    '%s is for whoever may reach private networks',
    (url) => {
      expect(forbiddenProxy({ url, mayBePrivate: false })).toMatch(/private address. Only a token/)
      expect(forbiddenProxy({ url, mayBePrivate: true })).toBeNull()
    },
  )

  test('where machines ask for their credentials is no proxy for anybody', () => {
    expect(forbiddenProxy({ url: 'socks5://169.254.169.254', mayBePrivate: true })).toMatch(/never/)
  })
})
