import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer as createTlsServer, getCACertificates, setDefaultCACertificates } from 'node:tls'
import { gzipSync } from 'node:zlib'
import { GuardedFetch } from '@wsg/gateway/src/http/guarded-fetch.ts'
import { Problem } from '@wsg/gateway/src/http/problem.ts'
import { fetchFile } from '@wsg/gateway/src/media/fetch-file.ts'
import { FolderStore } from '@wsg/shared/media/folder-store.ts'
import { parseNetworks } from '@wsg/shared/net/address-guard.ts'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { makeCertificates } from '../../../support/certificates.ts'
import { waitFor } from '../../../support/wait-for.ts'

const MB = 1_000_000
const LIMITS = { wholeMs: 20_000, silentMs: 10_000, minBytesPerS: 100 }
/** For those that keep the gateway waiting. */
const SHORT_LIMITS = { wholeMs: 3_000, silentMs: 300, minBytesPerS: 100_000 }

/** What a receiver writes for a path, byte for byte; what it does not end stays open. */
const answers: Record<string, (socket: Socket) => unknown> = {
  '/whole': (socket) => socket.end(answer('content-length: 5', '%PDF-')),
  '/chunked': (socket) => socket.end(answer('transfer-encoding: chunked', '5\r\n%PDF-\r\n0\r\n\r\n')),
  '/to-the-end': (socket) => socket.end(answer('connection: close', '%PDF-')),
  '/here': (socket) => socket.end(redirectTo('/whole')),
  '/to-metadata': (socket) => socket.end(redirectTo('http://169.254.169.254/latest/')),
  '/to-private': (socket) => socket.end(redirectTo(`http://127.0.0.2:${port}/whole`)),
  '/to-private-name': (socket) => socket.end(redirectTo(`http://inside.test:${port}/whole`)),
  '/to-octal': (socket) => socket.end(redirectTo(`//0177.0.0.2:${port}/whole`)),
  '/to-file': (socket) => socket.end(redirectTo('file:///etc/passwd')),
  '/to-nothing': (socket) => socket.end(redirectTo('http://')),
  '/to-http': (socket) => socket.end(redirectTo(`http://127.0.0.1:${port}/whole`)),
  '/round': (socket) => socket.end(redirectTo('/round')),
  '/silent': () => {},
  '/silent-inside': (socket) => socket.write(answer('content-length: 10', '%PDF-')),
  '/slow': (socket) => dripping(socket, answer('content-length: 1000'), '.', 20),
  '/slow-head': (socket) => dripping(socket, 'HTTP/1.1 200 OK\r\n', 'x', 20),
  '/late': (socket) => dripping(socket, answer('content-length: 5000000000'), '.'.repeat(10_000), 30),
  '/endless': (socket) => pouring(socket, answer('connection: close')),
  '/endless-chunks': (socket) =>
    pouring(socket, answer('transfer-encoding: chunked'), `4000\r\n${'.'.repeat(0x4000)}\r\n`),
  '/endless-head': (socket) => pouring(socket, 'HTTP/1.1 200 OK\r\n', `x: ${'.'.repeat(1_000)}\r\n`),
  '/says-more': (socket) => socket.end(answer('content-length: 100', '%PDF-')),
  '/says-too-much': (socket) => socket.write(answer(`content-length: ${2 * MB}`)),
  '/says-less': (socket) => socket.write(answer('content-length: 5', '%PDF-and more')),
  '/says-both': (socket) =>
    socket.end(answer('content-length: 5\r\ntransfer-encoding: chunked', '5\r\n%PDF-\r\n0\r\n\r\n')),
  '/says-nonsense': (socket) => socket.end(answer('content-length: -5', '%PDF-')),
  '/cut-chunks': (socket) => socket.end(answer('transfer-encoding: chunked', '5\r\n%PDF-\r\n')),
  '/bomb': (socket) => socket.end(Buffer.concat([Buffer.from(answer('content-encoding: gzip')), bomb])),
  '/empty': (socket) => socket.end(answer('content-length: 0')),
  '/refused': (socket) => socket.end('HTTP/1.1 403 No\r\ncontent-length: 2\r\n\r\nno'),
  '/no-http': (socket) => socket.end('SSH-2.0-OpenSSH\r\n'),
  '/closed': (socket) => socket.destroy(),
}
const bomb = gzipSync(Buffer.alloc(10 * MB))
const answer = (head: string, body = '') => `HTTP/1.1 200 OK\r\n${head}\r\n\r\n${body}`
const redirectTo = (location: string) =>
  `HTTP/1.1 302 Found\r\nlocation: ${location}\r\ncontent-length: 0\r\n\r\n`
const dripping = (socket: Socket, head: string, drop: string, everyMs: number) => {
  socket.write(head)
  const timer = setInterval(() => socket.write(drop), everyMs)
  socket.once('close', () => clearInterval(timer))
}
const pouring = (socket: Socket, head: string, piece = '.'.repeat(10_000)) => {
  socket.write(head)
  const pour = () => {
    while (!socket.destroyed && socket.write(piece));
  }
  socket.on('drain', pour)
  pour()
}

/** What names stand for, one answer after the other; the last one stays. */
const names: Record<string, string[][]> = {}
const asked: string[] = []
const resolve = ((host: string, _options: object, done: (error: Error | null, found?: object[]) => void) => {
  asked.push(host)
  const found = names[host]
  const [addresses] = found ?? []
  if (addresses === undefined) return done(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }))
  if (found !== undefined && found.length > 1) found.shift()
  done(
    null,
    addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
  )
}) as never

const folder = mkdtempSync(join(tmpdir(), 'fetched-'))
const store = new FolderStore(folder)
const fetch = new GuardedFetch(parseNetworks('127.0.0.1/32'), 'MEDIA_ALLOW would.', resolve)
const sockets = new Set<Socket>()
const servers: Server[] = []
/** What reached each receiver, by the address that it listens on. */
const reached: string[] = []
let port: number
let tlsPort: number

const serve = (address: string) => (socket: Socket) => {
  sockets.add(socket)
  socket.on('error', () => {}).on('close', () => sockets.delete(socket))
  socket.once('data', (head) => {
    const path = String(head).split(' ')[1] as string
    reached.push(`${address}${path}`)
    answers[path]?.(socket)
  })
}
const listen = async (server: Server, at: number, address: string): Promise<number> => {
  servers.push(server.listen(at, address))
  await once(server, 'listening')
  return (server.address() as { port: number }).port
}
beforeAll(async () => {
  port = await listen(createServer(serve('127.0.0.1')), 0, '127.0.0.1')
  await listen(createServer(serve('127.0.0.2')), port, '127.0.0.2')
  const { ca, ...own } = await makeCertificates()
  setDefaultCACertificates([...getCACertificates(), ca])
  tlsPort = await listen(createTlsServer(own, serve('tls')), 0, '127.0.0.1')
})
afterAll(async () => {
  await fetch.close()
  for (const socket of sockets) socket.destroy()
  for (const server of servers) server.close()
  rmSync(folder, { recursive: true })
})

/** @returns the file's text, or why there is none */
const fetched = async (url: string): Promise<string> => {
  const assertFits = (length: string | undefined) => {
    if (Number(length) > MB) throw new Problem('payload_too_large')
  }
  try {
    const limits = /silent|slow|late/.test(url) ? SHORT_LIMITS : LIMITS
    const { pieces } = await fetchFile(fetch, { url, proxy: null }, assertFits, limits)
    const { id } = await store.put(pieces, { maxBytes: MB, untilMs: Date.now() + 60_000 })
    return readFileSync(store.pathOf(id), 'utf8')
  } catch (error) {
    return (error as Error).message
  }
}

it.each<[string, RegExp]>([
  ...['/whole', '/chunked', '/to-the-end', '/here'].map((path) => [path, /^%PDF-$/] as [string, RegExp]),
  ['/to-metadata', /169\.254\.169\.254 is an address that is never fetched from/],
  ['/to-private', /127\.0\.0\.2 is a private address\. MEDIA_ALLOW/],
  ['/to-private-name', /inside\.test resolves to 10\.0\.0\.1, a private address/],
  ['/to-octal', /127\.0\.0\.2 is a private address/],
  ['/to-file', /127\.0\.0\.1 redirects to what is not reached by http or https/],
  ['/to-nothing', /redirects to what is not reached/],
  ['/round', /redirects too often/],
  ['/silent', /did not send it in time/],
  ['/silent-inside', /did not send it in time/],
  ['/slow', /sends it too slowly/],
  ['/slow-head', /did not send it in time/],
  ['/late', /larger|too large|in time/],
  ['/endless', /too large/],
  ['/endless-chunks', /too large/],
  ['/endless-head', /did not answer, or broke off/],
  ['/says-more', /broke off/],
  ['/says-too-much', /too large/],
  // A body is as long as is said; what follows is part of no answer.
  ['/says-less', /^%PDF-$/],
  ['/says-both', /did not answer, or broke off/],
  ['/says-nonsense', /did not answer, or broke off/],
  ['/cut-chunks', /broke off/],
  ['/bomb', /sends it compressed/],
  ['/empty', /empty/],
  ['/refused', /127\.0\.0\.1 answered 403/],
  ['/no-http', /did not answer, or broke off/],
  ['/closed', /did not answer, or broke off/],
])('of a server that answers as %s', async (path, outcome) => {
  names['inside.test'] = [['10.0.0.1']]
  reached.length = 0
  expect(await fetched(`http://127.0.0.1:${port}${path}`)).toMatch(outcome)
  expect(reached.filter((at) => !at.startsWith('127.0.0.1/'))).toEqual([])
  expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([])
  // A connection may stay open for the next file only where this one came as a whole.
  if (!outcome.test('%PDF-')) await waitFor('the connection to be closed', () => sockets.size === 0)
})

it('says so where a redirect would give up encryption, and fetches by https', async () => {
  expect(await fetched(`https://127.0.0.1:${tlsPort}/whole`)).toBe('%PDF-')
  expect(await fetched(`https://127.0.0.1:${tlsPort}/to-http`)).toMatch(/redirects from https to http/)
})

const PRIVATE = /a private address\. MEDIA_ALLOW/
const NEVER = /never fetched from/
it.each<[string, RegExp]>([
  // Each spelling of 127.0.0.2, which is not let through, although its neighbour is.
  ...['127.0.0.2', '127.2', '2130706434', '0x7f.2', '0x7f000002', '0177.0.0.2', '0177.0.0.02'].map(
    (host) => [host, PRIVATE] as [string, RegExp],
  ),
  ...['[::ffff:127.0.0.2]', '[::ffff:7f00:2]', '127。0．0｡2', '①②⑦.0.0.2'].map(
    (host) => [host, PRIVATE] as [string, RegExp],
  ),
  ...['0.0.0.0', '0', '[::]', '[::1]', '10.0.0.1', '192.168.1.1', '100.64.0.1', '[fd00::1]'].map(
    (host) => [host, PRIVATE] as [string, RegExp],
  ),
  ['[64:ff9b::7f00:2]', PRIVATE],
  ...['169.254.169.254', '0xa9fea9fe', '[::ffff:a9fe:a9fe]', '[64:ff9b::a9fe:a9fe]', '[fe80::1]'].map(
    (host) => [host, NEVER] as [string, RegExp],
  ),
  // 6to4, Teredo, a network's own translator, IPv4-translated, site-local, reserved.
  ...['[2002:7f00:2::]', '[2001:0:4136:e378:8000:63bf:80ff:fffd]', '[64:ff9b:1:7f00:0:200:808:808]'].map(
    (host) => [host, NEVER] as [string, RegExp],
  ),
  ...[
    '[::ffff:0:7f00:2]',
    '[fec0::1]',
    '[4000::1]',
    '[::2]',
    '[::127.0.0.2]',
    '240.0.0.1',
    '224.0.0.1',
    '192.0.0.1',
  ].map((host) => [host, NEVER] as [string, RegExp]),
])('of no server that is called %s', async (host, refusal) => {
  reached.length = 0
  expect(await fetched(`http://${host}:${port}/whole`)).toMatch(refusal)
  expect(reached).toEqual([])
})

it.each([
  ['allowed.test', [['127.0.0.1']], /^%PDF-$/],
  ['private.test', [['127.0.0.2']], /private\.test resolves to 127\.0\.0\.2, a private address/],
  ['dotted.test.', [['127.0.0.2']], PRIVATE],
  ['mapped.test', [['::ffff:127.0.0.2']], PRIVATE],
  ['metadata.test', [['169.254.169.254']], NEVER],
  ['both.test', [['127.0.0.1', '127.0.0.2']], PRIVATE],
  ['both-ways.test', [['127.0.0.2', '127.0.0.1']], PRIVATE],
  ['nobody.test', [], /nobody\.test is a name without an address/],
])('of a name only where all that it stands for is let through: %s', async (host, found, outcome) => {
  names[host] = found as string[][]
  reached.length = 0
  expect(await fetched(`http://${host}:${port}/whole`)).toMatch(outcome)
  expect(reached.filter((at) => at.startsWith('127.0.0.2'))).toEqual([])
})

it('connects to the address that was judged, whatever the name stands for a moment later', async () => {
  names['changing.test'] = [['127.0.0.1'], ['127.0.0.2']]
  asked.length = 0
  reached.length = 0
  expect(await fetched(`http://changing.test:${port}/to-the-end`)).toBe('%PDF-')
  expect(asked).toEqual(['changing.test'])
  expect(reached).toEqual(['127.0.0.1/to-the-end'])
  // The next connection is judged anew.
  expect(await fetched(`http://changing.test:${port}/to-the-end`)).toMatch(PRIVATE)
  expect(reached).toHaveLength(1)
})

it('of localhost, by whatever name, only where its own address is let through', async () => {
  const real = new GuardedFetch(parseNetworks('10.0.0.0/8'), 'MEDIA_ALLOW would.')
  for (const host of ['localhost', 'localhost.', 'LOCALHOST', 'ｌｏｃａｌｈｏｓｔ'])
    await expect(
      fetchFile(real, { url: `http://${host}:${port}/whole`, proxy: null }, () => {}, LIMITS),
    ).rejects.toThrow(
      // Not every resolver knows it with a dot at its end.
      host.endsWith('.') ? /private address|without an address/ : PRIVATE,
    )
  await real.close()
})
