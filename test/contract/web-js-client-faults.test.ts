import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { ClientFailed } from '@wsg/worker/src/whatsapp/client-errors.ts'
import type { ClientFault } from '@wsg/worker/src/whatsapp/whatsapp-client.ts'
import { afterEach, describe, expect, test } from 'vitest'
import { overload } from '../support/overload.ts'
import { rendererOn } from '../support/processes.ts'
import { waitFor } from '../support/wait-for.ts'
import { nextEvent, pair, record, restore } from './client-steps.ts'
import { textTo } from './outgoing-message.ts'
import { type SimulatorHarness, simulatorHarness } from './simulator-harness.ts'

const PHONE = '4915112345678'
const QUICK_PROBE = { timeouts: { probeEveryMs: 200, probeMs: 400 } }

let harness: SimulatorHarness
afterEach(async () => {
  await harness.end()
})

describe('faults', () => {
  test('a killed browser is a fault', async () => {
    harness = await simulatorHarness({})
    const client = harness.client('a')
    await pair(harness, client, PHONE)
    const fault = nextEvent(client, 'fault')
    process.kill(harness.browserPid('a') ?? Number.NaN, 'SIGKILL')
    expect((await fault)[0].kind).toBe('browser_gone')
    await client.close()
    expect(harness.browserPid('a')).toBeNull()
  })

  test('a killed renderer is a fault', async () => {
    harness = await simulatorHarness({})
    const client = harness.client('a')
    await pair(harness, client, PHONE)
    const fault = nextEvent(client, 'fault')
    process.kill(rendererOn(harness.profilePath('a'))?.pid ?? Number.NaN, 'SIGKILL')
    expect((await fault)[0].kind).toBe('page_crashed')
    await expect(client.probe()).rejects.toMatchObject({ name: 'ClientClosed' })
  })

  test('a browser that is killed while WhatsApp Web is loaded is a fault of the browser, not of the network', async () => {
    harness = await simulatorHarness({})
    for (const afterMs of [0, 50, 100, 150, 200, 250]) {
      const client = harness.client('a')
      const opening = client.open().then(
        () => null,
        (error: Error) => error,
      )
      await waitFor('its renderer', () => rendererOn(harness.profilePath('a')), { everyMs: 5 })
      await pause(afterMs)
      process.kill(harness.browserPid('a') ?? Number.NaN, 'SIGKILL')
      const error = await opening
      // It may have been open by then.
      if (error !== null)
        expect(error).toMatchObject({ name: 'ClientFailed', fault: { kind: 'browser_gone' } })
      await client.close()
    }
  })

  test.each(['wedged', 'frozen'] as const)('a %s page is a fault after two missed probes', async (how) => {
    harness = await simulatorHarness({})
    const client = harness.client('a', QUICK_PROBE)
    await pair(harness, client, PHONE)
    const fault = nextEvent(client, 'fault')
    await harness.post('/hang', { account: PHONE, how })
    expect((await fault)[0].kind).toBe('page_unresponsive')
  })

  test('a page is asked at once, and once, where a message ran into its deadline', async () => {
    harness = await simulatorHarness({})
    const client = harness.client('a', { timeouts: { probeEveryMs: 60_000, probeMs: 400 } })
    await pair(harness, client, PHONE)
    await harness.post('/hang', { account: PHONE, how: 'frozen' })
    // Longer than what the page said before it froze counts as a sign of life.
    await pause(50)
    const fault = nextEvent(client, 'fault')
    const text = textTo('491701234567@c.us', 'x', { deadline: Date.now() + 200 })
    await expect(client.send(text)).rejects.toMatchObject({ name: 'PageNotReached' })
    const suspectedAt = performance.now()
    expect((await fault)[0].kind).toBe('page_unresponsive')
    expect(performance.now() - suspectedAt).toBeLessThan(4_000 * overload())
  })

  test('no call hangs on a page that hangs', async () => {
    harness = await simulatorHarness({})
    const client = harness.client('a', { timeouts: { callMs: 300 } })
    await pair(harness, client, PHONE)
    await harness.post('/hang', { account: PHONE, how: 'frozen' })
    const late = { name: 'PageUnresponsive' }
    await expect(client.probe()).rejects.toMatchObject(late)
    await expect(client.screenshot()).rejects.toMatchObject(late)
    await expect(client.resolveNumber('491701234567')).rejects.toMatchObject(late)
    // The page has to answer before it is given a message: this one was certainly not sent.
    const refused = { name: 'PageNotReached' }
    await expect(client.send(textTo('491701234567@c.us', 'x'))).rejects.toMatchObject(refused)
  })

  test('a page without a connection says so, and confirms no logout', async () => {
    harness = await simulatorHarness({ reconnectDelayMs: 60_000 })
    const first = harness.client('a', { timeouts: { callMs: 1_000 } })
    await pair(harness, first, PHONE)
    const isAway = nextEvent(first, 'connection')
    await harness.dropConnection(PHONE)
    expect(await isAway).toEqual([false])
    expect(await first.probe()).not.toBe('CONNECTED')
    await expect(first.logout()).rejects.toMatchObject({ name: 'PageUnresponsive' })
    await first.close()
    await harness.set({ reconnectDelayMs: 100 })
    expect((await restore(harness.client('a'))).account).toBe(PHONE)
  })

  test('a login that never becomes ready is a fault', async () => {
    harness = await simulatorHarness({})
    const first = harness.client('a')
    await pair(harness, first, PHONE)
    await first.close()
    await harness.set({ syncDelayMs: 60_000 })
    const second = harness.client('a', { timeouts: { readyMs: 500 } })
    const fault = new Promise<ClientFault>((resolve) => second.events.once('fault', resolve))
    // On a busy machine it comes before the page is open.
    const told = second.open().then(
      () => fault,
      (error) => {
        if (error instanceof ClientFailed) return error.fault
        throw error
      },
    )
    expect((await told).kind).toBe('ready_timeout')
  })

  test('syncing that moves on is given more time', async () => {
    harness = await simulatorHarness({})
    const first = harness.client('a')
    await pair(harness, first, PHONE)
    await first.close()
    await harness.set({ syncDelayMs: 4_000, offlineDeliveryMs: 4_000 })
    await restore(harness.client('a', { timeouts: { readyMs: 2_000 } }))
  })
})

describe('opening', () => {
  test('fails with what it met where WhatsApp does not support the browser', async () => {
    harness = await simulatorHarness({ refusedBrowsers: ['Chrome'] })
    const client = harness.client('a', { timeouts: { loadMs: 2_000 } })
    await expect(client.open()).rejects.toMatchObject({
      fault: {
        kind: 'page_unsupported',
        detail: expect.stringMatching(/does not start in this browser: .*Chrome/),
      },
    })
  })

  test.each(['legacy', '2026-09'] as const)(
    'is ready once though the %s page had synced before',
    async (build) => {
      harness = await simulatorHarness({ build })
      const first = harness.client('a')
      await pair(harness, first, PHONE)
      await first.close()
      await harness.set({ syncDelayMs: 0 })
      const second = harness.client('a')
      const said = record(second)
      await restore(second)
      await second.send(textTo('491701234567@c.us', 'ready'))
      const names = said.map(({ name }) => name)
      expect(names.filter((name) => name === 'ready')).toHaveLength(1)
      expect(names.filter((name) => name === 'authenticated')).toHaveLength(1)
    },
  )

  test('says within its time that WhatsApp cannot be reached', async () => {
    harness = await simulatorHarness({})
    const closed = createServer().listen(0, '127.0.0.1')
    await once(closed, 'listening')
    const { port } = closed.address() as { port: number }
    await new Promise((resolve) => closed.close(resolve))
    const client = harness.client('a', {
      chromiumArgs: [`--host-resolver-rules=MAP web.whatsapp.com 127.0.0.1:${port}`],
    })
    await expect(client.open()).rejects.toMatchObject({ name: 'WhatsAppUnreachable' })
    expect(harness.browserPid('a')).toBeNull()
  })

  test('says so too where the page loads but gets no connection', async () => {
    harness = await simulatorHarness({ refusePages: true })
    const client = harness.client('a', { timeouts: { loadMs: 2_000 } })
    await expect(client.open()).rejects.toMatchObject({ name: 'WhatsAppUnreachable' })
  })

  test('loads the page once more where its script was lost on the way', async () => {
    harness = await simulatorHarness({ lostScripts: 1 })
    const client = harness.client('a', { timeouts: { loadMs: 20_000 } })
    const code = nextEvent(client, 'qr')
    await client.open()
    await code
  })

  test('blames the way, and not the page, where its script does not come at all', async () => {
    harness = await simulatorHarness({ lostScripts: 100 })
    await expect(harness.client('a', { timeouts: { loadMs: 10_000 } }).open()).rejects.toMatchObject({
      name: 'WhatsAppUnreachable',
      message: expect.stringMatching(/a part of it did not come: .*net::ERR_/),
    })
  })

  test('refuses a profile of the other world', async () => {
    harness = await simulatorHarness({})
    await harness.client('a').open()
    await expect(harness.client('a', { world: 'real' }).open()).rejects.toMatchObject({
      name: 'ForeignWorld',
    })
    mkdirSync(harness.profilePath('earlier'), { recursive: true })
    writeFileSync(`${harness.profilePath('earlier')}/Local State`, '{}')
    await expect(harness.client('earlier').open()).rejects.toMatchObject({ name: 'ForeignWorld' })
  })

  test('says what a pairing code lacks, and at once that WhatsApp wants a passkey', async () => {
    const lacking = 'WAWebAltDeviceLinkingApi.startAltLinkingFlow'
    harness = await simulatorHarness({ build: '2026-09', missing: [lacking] })
    const client = harness.client('a')
    const code = nextEvent(client, 'qr')
    await client.open()
    await code
    await expect(client.requestPairingCode(PHONE)).rejects.toMatchObject({
      code: 'not_available_in_this_page',
      message: expect.stringContaining(lacking),
    })
    const fault = nextEvent(client, 'fault')
    await harness.post('/passkey', {})
    expect(await fault).toMatchObject([{ kind: 'passkey_required' }])
  })

  test('can be closed while it goes on', async () => {
    harness = await simulatorHarness({ pageLoadDelayMs: 3_000 })
    const client = harness.client('a')
    const opening = expect(client.open()).rejects.toMatchObject({ name: 'ClientClosed' })
    await waitFor('the browser to be up', () => harness.browserPid('a') !== null)
    await client.close()
    await opening
    expect(harness.browserPid('a')).toBeNull()
  })
})

describe('codes', () => {
  test('rotate, and go on after the page went idle', async () => {
    harness = await simulatorHarness({ qrRotateMs: 150, qrCodesUntilIdle: 2 })
    const client = harness.client('a')
    const said = record(client)
    await client.open()
    const codes = await waitFor('six codes', () => {
      const shown = said.filter(({ name }) => name === 'qr').map(({ args }) => args[0])
      return shown.length >= 6 && shown
    })
    expect(new Set(codes).size).toBe(codes.length)
  })
})

describe('a login that the phone ended while nobody was there', () => {
  test('is told as a logout where the page goes through one', async () => {
    harness = await simulatorHarness({ staleLogin: 'reload' })
    const first = harness.client('a')
    await pair(harness, first, PHONE)
    await first.close()
    await harness.unlink(PHONE)
    const second = harness.client('a')
    const loggedOut = nextEvent(second, 'loggedOut')
    await second.open()
    await loggedOut
    await expect(second.probe()).rejects.toMatchObject({ name: 'ClientClosed' })
  })

  test('shows a code where the page does so at once', async () => {
    harness = await simulatorHarness({ staleLogin: 'in-place' })
    const first = harness.client('a')
    await pair(harness, first, PHONE)
    await first.close()
    await harness.unlink(PHONE)
    const second = harness.client('a')
    const code = nextEvent(second, 'qr')
    await second.open()
    await code
  })
})
