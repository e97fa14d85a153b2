import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { GuardedFetch } from '@wsg/gateway/src/http/guarded-fetch.ts'
import { ForbiddenAddress, kindOfAddress, parseNetworks } from '@wsg/shared/net/address-guard.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

describe('an address', () => {
  it.each([
    ['93.184.215.14', 'public'],
    ['2606:2800:21f:cb07:6820:80da:af6b:8b2c', 'public'],
    ['::ffff:93.184.215.14', 'public'],
    ['127.0.0.1', 'private'],
    ['10.1.2.3', 'private'],
    ['172.18.0.5', 'private'],
    ['192.168.0.1', 'private'],
    ['100.64.0.1', 'private'],
    ['0.0.0.0', 'private'],
    ['::1', 'private'],
    ['fd12::1', 'private'],
    ['::ffff:10.0.0.1', 'private'],
    ['64:ff9b::a00:1', 'private'],
    ['169.254.169.254', 'never'],
    ['::ffff:169.254.169.254', 'never'],
    ['64:ff9b::a9fe:a9fe', 'never'],
    ['fe80::1', 'never'],
    ['fe80::1%eth0', 'never'],
    ['fd00:ec2::254', 'never'],
    ['100.100.100.200', 'never'],
    ['168.63.129.16', 'never'],
    ['224.0.0.1', 'never'],
    ['255.255.255.255', 'never'],
    ['2002:a00:1::', 'never'],
    ['2001:0:4136:e378:8000:63bf:3fff:fdd2', 'never'],
  ])('%s is %s', (address, kind) => {
    expect(kindOfAddress(address)).toBe(kind)
  })
})

describe('a guarded fetch', () => {
  const server = createServer((request, response) => {
    if (request.url === '/moved') response.writeHead(302, { location: '/elsewhere' }).end()
    else if (request.url === '/hangs') return
    else if (request.url === '/long') response.end('x'.repeat(1_000_000))
    else response.end('here')
  })
  const fetch = new GuardedFetch([])
  let port: number
  beforeAll(async () => {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    port = (server.address() as AddressInfo).port
  })
  afterAll(async () => {
    await fetch.close()
    server.closeAllConnections()
    server.close()
  })
  const get = (url: string, more: { mayBePrivate?: boolean; timeoutMs?: number } = {}, by = fetch) =>
    by.fetch({ url, method: 'GET', headers: {}, mayBePrivate: false, timeoutMs: 5_000, ...more })

  it.each([
    'localhost',
    '127.0.0.1',
    '2130706433',
    '0x7f000001',
    '0177.0.0.1',
    '127.1',
    '0',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '[0:0:0:0:0:ffff:7f00:1]',
    '１２７.0.0.1',
  ])('does not reach a private network as %s, and names the address and the setting', async (host) => {
    const refusal = await get(`http://${host}:${port}/`).catch((error: unknown) => error)
    expect(refusal).toBeInstanceOf(ForbiddenAddress)
    expect(String(refusal)).toMatch(/(127\.0\.0\.1|::1|0\.0\.0\.0|7f00:1).* private.*WEBHOOK_ALLOW/)
  })

  it.each(['169.254.169.254', '2852039166', '[::ffff:a9fe:a9fe]', '[fe80::1]'])(
    'never reaches %s, whoever asks',
    async (host) => {
      await expect(get(`http://${host}/latest/`, { mayBePrivate: true })).rejects.toThrow(
        'never fetched from',
      )
    },
  )

  it('reaches a private network for whoever may, and for everybody where it is let through', async () => {
    expect(await get(`http://localhost:${port}/`, { mayBePrivate: true })).toEqual({
      status: 200,
      start: 'here',
    })
    const open = new GuardedFetch(parseNetworks('10.0.0.0/8, 127.0.0.0/8,::1/128'))
    expect(await get(`http://localhost:${port}/`, {}, open)).toEqual({ status: 200, start: 'here' })
    await open.close()
  })

  it('judges a name by the address that it stands for: a neighbour is for whoever may, metadata for nobody', async () => {
    const addresses: Record<string, string> = { neighbour: '127.0.0.1', innocent: '169.254.169.254' }
    const resolve = (host: string, _: object, done: (error: null, found: object[]) => void) =>
      done(null, [{ address: addresses[host], family: 4 }])
    const named = new GuardedFetch([], undefined, resolve as never)
    const may = { mayBePrivate: true }
    expect(await get(`http://neighbour:${port}/hook`, may, named)).toEqual({ status: 200, start: 'here' })
    await expect(get(`http://neighbour:${port}/hook`, {}, named)).rejects.toThrow(
      'neighbour resolves to 127.0.0.1, a private address. Only a token for all sessions may name one, unless WEBHOOK_ALLOW',
    )
    await expect(get(`http://innocent:${port}/`, may, named)).rejects.toThrow('never fetched from')
    await named.close()
  })

  it('does not use a connection that another rule allowed', async () => {
    const url = `http://localhost:${port}/`
    await get(url, { mayBePrivate: true })
    await expect(get(url)).rejects.toThrow(ForbiddenAddress)
  })

  it('follows no redirect, reads no more than a part, and waits no longer than it was told', async () => {
    expect((await get(`http://127.0.0.1:${port}/moved`, { mayBePrivate: true })).status).toBe(302)
    expect((await get(`http://127.0.0.1:${port}/long`, { mayBePrivate: true })).start).toHaveLength(65_536)
    const late = get(`http://127.0.0.1:${port}/hangs`, { mayBePrivate: true, timeoutMs: 100 })
    await expect(late).rejects.toMatchObject({ name: 'TimeoutError' })
  })
})
