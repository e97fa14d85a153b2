import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createLogger } from '@wsg/shared/logger.ts'
import { setProxy } from '@wsg/shared/redis/session/proxy.ts'
import { launchChromium } from '@wsg/worker/src/whatsapp/browser/locked-chromium.ts'
import puppeteer from 'puppeteer'
import { expect } from 'vitest'
import { descendants, listProcesses } from '../support/processes.ts'
import { TestProxy, type TestProxyOptions } from '../support/test-proxy.ts'
import { waitFor } from '../support/wait-for.ts'
import { nextEvent, pair } from './client-steps.ts'
import { textTo } from './outgoing-message.ts'
import { rigTest } from './rig-test.ts'
import type { SimulatorHarness } from './simulator-harness.ts'

const PHONE = '4915112345678'
const SESSION = 'sales'
const PASSWORD = 'secret-word'

const test = rigTest.extend('startProxy', ({ harness: _ }, { onCleanup }) => {
  const proxies: TestProxy[] = []
  onCleanup(async () => void (await Promise.all(proxies.map((proxy) => proxy.close()))))
  return async (options: TestProxyOptions = { user: 'user', password: PASSWORD }) => {
    const proxy = await TestProxy.start(options)
    proxies.push(proxy)
    return proxy
  }
})
const by = (proxy: TestProxy, credentials?: string) => ({
  proxy: { url: proxy.url(credentials), mayBePrivate: true },
})

function browserProcesses(harness: SimulatorHarness) {
  const pid = harness.browserPid('a') ?? 0
  const processes = listProcesses()
  return [...processes.filter((entry) => entry.pid === pid), ...descendants(processes, [pid])]
}

/** Where the sockets of the browser lead to, as `tcp 127.0.0.1:80`; what leads nowhere is left out. */
function connections(harness: SimulatorHarness): Set<string> {
  const inodes = new Set(
    browserProcesses(harness).flatMap(({ pid }) =>
      readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
        try {
          return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? []
        } catch {
          return [] // closed while it was read
        }
      }),
    ),
  )
  const found = ['tcp', 'tcp6', 'udp', 'udp6'].flatMap((protocol) =>
    readFileSync(`/proc/net/${protocol}`, 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => inodes.has(fields[9] ?? ''))
      .map(([, , remote = '']) => `${protocol} ${remote}`),
  )
  return new Set(found.filter((place) => !/ 0+:0000$/.test(place)))
}

test.for<TestProxyOptions>([{ user: 'user', password: PASSWORD }, { kind: 'socks5' }])(
  'everything of a session goes through its proxy, and nothing shows the password: %o',
  async (options, { harness, startProxy }) => {
    const proxy = await startProxy(options)
    const client = harness.client('a', by(proxy))
    await pair(harness, client, PHONE)
    const acked = nextEvent(client, 'ack')
    await client.send(textTo('491701234567@c.us', 'through it'))
    await acked
    const news = nextEvent(client, 'news')
    await harness.writeTo(PHONE, '491701234567', 'back')
    await news

    const places = connections(harness)
    expect(places.size).toBe(1)
    const [place = ''] = places
    expect(place).toMatch(/^tcp 0100007F:/)
    // That one is of this process, which passes it on.
    const port = Number.parseInt(place.split(':')[1] ?? '', 16)
    const simulator = /MAP web\.whatsapp\.com (\S+)/.exec(harness.chromiumArgs.join(' '))?.[1] ?? ''
    expect([String(proxy.port), simulator.split(':')[1]]).not.toContain(String(port))
    expect(new Set(proxy.asked)).toEqual(new Set([simulator]))
    for (const { pid, command } of browserProcesses(harness)) {
      expect(command.join(' ')).not.toContain(PASSWORD)
      expect(readFileSync(`/proc/${pid}/environ`, 'utf8')).not.toContain(PASSWORD)
    }
  },
)

test('calls do not lead around it', async ({ harness }) => {
  const heard: number[] = []
  const stun = createSocket('udp4').on('message', (_, { port }) => heard.push(port))
  await once(stun.bind(0, '127.0.0.1'), 'listening')
  try {
    for (const proxyPort of [null, 9]) {
      const name = `rtc-${proxyPort}`
      const chromium = launchChromium({
        profilePath: harness.profilePath(name),
        lockPath: `${harness.profilePath(name)}.lock`,
        world: 'sandbox',
        chromiumArgs: [],
        proxyPort,
        logger: createLogger('contract', 'silent'),
      })
      const browser = await chromium.connect((options) => puppeteer.connect(options), 60_000)
      try {
        const [page] = await browser.pages()
        await page?.evaluate(
          async (port) => {
            const peer = new RTCPeerConnection({ iceServers: [{ urls: `stun:127.0.0.1:${port}` }] })
            peer.createDataChannel('x')
            const gathered = new Promise<void>((resolve) => {
              peer.onicecandidate = ({ candidate }) => candidate === null && resolve()
            })
            await peer.setLocalDescription(await peer.createOffer())
            await Promise.race([gathered, new Promise((resolve) => setTimeout(resolve, 2_000))])
          },
          (stun.address() as AddressInfo).port,
        )
      } finally {
        await chromium.close(browser, 10_000)
      }
      if (proxyPort === null) expect(heard.length).toBeGreaterThan(0)
      heard.length = 0
    }
    expect(heard).toEqual([])
  } finally {
    stun.close()
  }
})

test('no browser is started behind a proxy that is down or refuses the password, and each is told', async ({
  harness,
  startProxy,
}) => {
  const proxy = await startProxy()
  const refused = harness.client('a', by(proxy, 'user:wrong@'))
  await expect(refused.open()).rejects.toMatchObject({
    name: 'ClientFailed',
    fault: { kind: 'proxy_refused' },
  })
  await proxy.close()
  const unreachable = harness.client('a', by(proxy))
  await expect(unreachable.open()).rejects.toMatchObject({
    name: 'ClientFailed',
    fault: { kind: 'proxy_unreachable' },
  })
  expect(harness.browserPid('a')).toBeNull()
})

test('a proxy that goes and comes back is the reason meanwhile, and one that is changed under load loses and doubles nothing', async ({
  rig,
  harness,
  startProxy,
}) => {
  const [first, second] = [await startProxy(), await startProxy({ kind: 'socks5' })]
  const set = async (proxy: TestProxy, credentials?: string) =>
    void (await setProxy(rig.redis, SESSION, { url: proxy.url(credentials), mayBePrivate: true }))
  /** Its receipts may come at once, so that none of them is `sent` for long. */
  const untilSent = async (ids: string[]) =>
    void (await waitFor('all of them to be sent', async () => {
      const states = await Promise.all(ids.map(async (id) => (await rig.record(SESSION, id)).state))
      return states.every((state) => ['sent', 'delivered', 'read'].includes(state))
    }))
  let clients = 0
  await set(first)
  await rig.startWorker({
    createClient: (sessionId, proxy) => {
      const client = harness.client(sessionId, { proxy })
      clients += 1
      if (clients === 1) void nextEvent(client, 'qr').then(([qr]) => harness.scan(qr, PHONE))
      return client
    },
  })
  await rig.want(SESSION)
  await rig.untilView(SESSION, 'ready')

  await first.close()
  await rig.untilView(SESSION, 'initializing', 'proxy_unreachable')
  const waiting = await rig.send(SESSION, '491701234560', 'accepted meanwhile')
  await first.listen()
  await rig.untilView(SESSION, 'ready')
  await untilSent([waiting])
  expect(clients).toBe(1)

  const ids = [waiting]
  for (let n = 0; n < 30; n += 1) {
    ids.push(await rig.send(SESSION, `49170123456${n % 3}`, `number ${n}`))
    if (n === 10) await set(second)
  }
  await waitFor('the second proxy to be used', () => second.asked.length > 0)
  await untilSent(ids)
  expect(clients).toBe(2)
  expect(
    harness
      .arrivalTimes(PHONE)
      .map(({ id }) => id)
      .sort(),
  ).toEqual([...ids].sort())

  // A wrong password is told, rests, and is over as soon as it is corrected.
  await set(first, 'user:wrong@')
  await rig.untilView(SESSION, 'initializing', 'proxy_refused')
  const later = await rig.send(SESSION, '491701234560', 'once more')
  await set(first)
  await rig.place(SESSION)
  await untilSent([later])
  expect(await rig.history(SESSION)).toContain('proxy_refused')
})
