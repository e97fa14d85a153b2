import { describe, expect, test, vi } from 'vitest'
import { patient } from './patient.ts'
import { StockSession } from './stock-session.ts'
import { walkGround } from './walk-ground.ts'

const PHONE = '491701234567'

describe('pairing', () => {
  test('shows new codes, of which only the newest pairs, and then waits for a refresh', async () => {
    await using ground = await walkGround({ qrRotateMs: 400, qrCodesUntilIdle: 3 })
    const { control, folder, simulator } = ground
    await using session = new StockSession(simulator, folder, { clientId: PHONE })
    const { emitted, client } = session
    await client.initialize()
    await vi.waitFor(() => expect(emitted.qr.length).toBeGreaterThanOrEqual(2), patient)
    const [oldest = ''] = emitted.qr
    expect(new Set(emitted.qr).size).toBe(emitted.qr.length)
    expect(oldest.split(',')).toHaveLength(5)
    await expect(control.scan({ qr: oldest, phone: PHONE })).rejects.toThrow(
      '404: no page shows this QR code',
    )
    await vi.waitFor(async () => expect(await client.getState()).toBe('UNPAIRED_IDLE'), patient)

    await control.settings({ qrRotateMs: 60_000 })
    const before = emitted.qr.length
    await client.pupPage?.evaluate("window.require('WAWebLaunchSocketUtils').refreshQR()")
    await vi.waitFor(() => expect(emitted.qr.length).toBe(before + 1), patient)
    await control.scan({ qr: emitted.qr.at(-1) ?? '', phone: PHONE })
    await vi.waitFor(() => expect(emitted.ready).toBe(1), patient)
  })

  test('works with a code that is typed on the phone it was asked for, and on no other', async () => {
    await using ground = await walkGround()
    const { control, folder, simulator } = ground
    await using session = new StockSession(simulator, folder, { clientId: PHONE, pairWithPhoneNumber: PHONE })
    await session.client.initialize()
    await vi.waitFor(() => expect(session.emitted.code).toHaveLength(1), patient)
    const [code = ''] = session.emitted.code
    expect(code).toMatch(/^[1-9A-Z]{8}$/)
    await expect(control.scan({ code, phone: '15550001111' })).rejects.toThrow(
      '404: this pairing code was asked for',
    )
    await control.scan({
      code: `${code.slice(0, 4)}-${code.slice(4).toLowerCase()}`,
      phone: PHONE,
      pushName: 'Ann',
    })
    await vi.waitFor(() => expect(session.emitted.ready).toBe(1), patient)
    expect(session.client.info).toMatchObject({ pushname: 'Ann', wid: { user: PHONE } })
  })

  test('a login that the phone ended while the browser was off leads back to the QR', async () => {
    await using ground = await walkGround({ staleLogin: 'in-place' })
    const { control, folder, simulator } = ground
    {
      await using _ = await StockSession.paired(simulator, folder, PHONE)
    }
    expect(await control.logout(PHONE)).toEqual({ loggedOut: 1 })
    await using again = new StockSession(simulator, folder, { clientId: PHONE })
    await again.client.initialize()
    await vi.waitFor(() => expect(again.emitted.qr).toHaveLength(1), patient)
    expect(again.emitted.ready).toBe(0)
  })

  test('where it is set so, such a login reloads the page as a logout does, and that ends at the QR too', async () => {
    await using ground = await walkGround({ staleLogin: 'reload' })
    const { control, folder, simulator } = ground
    {
      await using _ = await StockSession.paired(simulator, folder, PHONE)
    }
    await control.logout(PHONE)
    await using again = new StockSession(simulator, folder, { clientId: PHONE })
    // The reload may fall into the library's first calls, which then reject.
    const start = again.client.initialize().catch(() => undefined)
    await vi.waitFor(() => expect(again.client.pupPage?.url()).toContain('post_logout=1'), patient)
    await start
    await vi.waitFor(async () => expect(await again.client.getState()).toBe('UNPAIRED'), patient)
  })

  test('hasSynced changes after the library listens, so that it becomes ready', async () => {
    await using ground = await walkGround({ syncDelayMs: 600, offlineDeliveryMs: 600 })
    const { folder, simulator } = ground
    {
      await using _ = await StockSession.paired(simulator, folder, PHONE)
    }
    await using again = new StockSession(simulator, folder, { clientId: PHONE })
    const progress: number[] = []
    again.client.on('loading_screen', (percent) => progress.push(Number(percent)))
    await again.ready()
    // The offline delivery and the first sync take their time side by side, and may have begun before the library listens.
    await vi.waitFor(() => expect(progress.at(-1)).toBe(100), patient)
    expect(progress).toEqual([25, 50, 75, 100].slice(-progress.length))
  })

  test('with no delay before hasSynced the library never becomes ready, though it is CONNECTED', async () => {
    await using ground = await walkGround()
    const { control, folder, simulator } = ground
    {
      await using _ = await StockSession.paired(simulator, folder, PHONE)
    }
    await control.settings({ syncDelayMs: 0, syncWaits: false })
    await using again = new StockSession(simulator, folder, { clientId: PHONE })
    await again.client.initialize()
    expect(await again.client.getState()).toBe('CONNECTED')
    expect(await again.client.pupPage?.evaluate("window.require('WAWebSocketModel').Socket.hasSynced")).toBe(
      true,
    )
    expect(again.emitted.ready).toBe(0)
  })
})
