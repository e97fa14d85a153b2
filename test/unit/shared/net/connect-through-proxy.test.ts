import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { connectThroughProxy, ProxyFailed } from '@wsg/shared/net/connect-through-proxy.ts'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { TestProxy, type TestProxyOptions } from '../../../support/test-proxy.ts'

const PASSWORD = 'secret:word@%25'
let echo: Server
let destination: { host: string; port: number }
beforeAll(async () => {
  echo = createServer((socket) => void socket.on('error', () => {}).pipe(socket)).listen(0, '127.0.0.1')
  await once(echo, 'listening')
  destination = { host: '127.0.0.1', port: (echo.address() as AddressInfo).port }
})
afterAll(() => void echo.close())

const proxies: { close(): unknown }[] = []
afterEach(async () => {
  for (const proxy of proxies.splice(0)) await proxy.close()
})
const start = async (options: TestProxyOptions = {}) => {
  const proxy = await TestProxy.start(options)
  proxies.push(proxy)
  return proxy
}
const through = (url: string, more: { mayBePrivate?: boolean; timeoutMs?: number } = {}) =>
  connectThroughProxy({ url, mayBePrivate: more.mayBePrivate ?? true }, destination, more.timeoutMs ?? 5_000)
const failure = async (connecting: Promise<unknown>) => {
  const error = await connecting.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(ProxyFailed)
  const { trouble, message } = error as ProxyFailed
  return [trouble, message]
}

describe('a connection through a proxy', () => {
  test.each<TestProxyOptions>([
    { kind: 'http' },
    { kind: 'http', user: 'user', password: PASSWORD },
    { kind: 'socks5' },
  ])('%o carries both ways what it is given', async (options) => {
    const proxy = await start(options)
    const socket = await through(proxy.url(options.user && `user:${encodeURIComponent(PASSWORD)}@`))
    socket.write('hello')
    expect(String((await once(socket, 'data'))[0])).toBe('hello')
    expect(proxy.asked).toContain(`127.0.0.1:${destination.port}`)
    socket.destroy()
  })

  test('stays when the time for connecting is over', async () => {
    const proxy = await start()
    const socket = await through(proxy.url(), { timeoutMs: 1_500 })
    await new Promise((resolve) => setTimeout(resolve, 1_600))
    socket.write('still here')
    expect(String((await once(socket, 'data'))[0])).toBe('still here')
    socket.destroy()
  })

  test('with a wrong password, or without one, is refused and says so', async () => {
    const proxy = await start({ user: 'user', password: PASSWORD })
    expect(await failure(through(proxy.url('user:wrong@')))).toEqual(['proxy_refused', 'answered 407'])
    expect(await failure(through(proxy.url('')))).toEqual(['proxy_refused', 'answered 407'])
    const socks = await start({ kind: 'socks5', user: 'user', password: PASSWORD })
    expect(await failure(through(socks.url('')))).toEqual(['proxy_refused', 'wants a password'])
  })

  test('through one that is down, silent, no proxy or somewhere forbidden says which, and not where', async () => {
    const proxy = await start()
    await proxy.close()
    expect(await failure(through(proxy.url()))).toEqual([
      'proxy_unreachable',
      'could not be connected to: ECONNREFUSED',
    ])
    const silent = createServer(() => {})
    proxies.push({ close: () => silent.close() })
    await once(silent.listen(0, '127.0.0.1'), 'listening')
    const { port } = silent.address() as AddressInfo
    for (const kind of ['http', 'https', 'socks5'])
      expect(await failure(through(`${kind}://127.0.0.1:${port}`, { timeoutMs: 200 }))).toEqual([
        'proxy_unreachable',
        'did not answer in time',
      ])
    const other = createServer(
      (socket) => void socket.once('data', () => socket.end('HTTP/1.1 404 No\r\n\r\n')),
    )
    proxies.push({ close: () => other.close() })
    await once(other.listen(0, '127.0.0.1'), 'listening')
    const { port: otherPort } = other.address() as AddressInfo
    expect(await failure(through(`http://127.0.0.1:${otherPort}`))).toEqual([
      'proxy_unreachable',
      'answered 404',
    ])
    expect((await failure(through(`socks5://127.0.0.1:${otherPort}`)))[0]).toBe('proxy_unreachable')
    for (const host of ['127.0.0.1', 'localhost'])
      expect(await failure(through(`http://${host}:${port}`, { mayBePrivate: false }))).toEqual([
        'proxy_unreachable',
        'has an address that may not be connected to',
      ])
  })

  test('to what its proxy cannot reach says so', async () => {
    const proxy = await start()
    const nowhere = connectThroughProxy(
      { url: proxy.url(), mayBePrivate: true },
      { host: '127.0.0.1', port: 1 },
      5_000,
    )
    expect((await failure(nowhere))[0]).toBe('proxy_unreachable')
  })
})
