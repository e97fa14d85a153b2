import { EventEmitter } from 'node:events'
import { LoginFollower } from '@wsg/worker/src/whatsapp/login/login-follower.ts'
import type { ClientFault, WhatsAppClientEvents } from '@wsg/worker/src/whatsapp/whatsapp-client.ts'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

const account = { account: '49170', pushName: 'Ann' }

let said: string[]
let faults: ClientFault[]
let loggedOut: number
let login: LoginFollower

beforeEach(() => {
  vi.useFakeTimers()
  said = []
  faults = []
  loggedOut = 0
  const events = new EventEmitter<WhatsAppClientEvents>()
  events.on('authenticated', () => said.push('authenticated'))
  events.on('ready', () => said.push('ready'))
  events.on('connection', (connected) => said.push(`connection ${connected}`))
  login = new LoginFollower({
    events,
    readyMs: 1_000,
    onFault: (fault) => faults.push(fault),
    onLoggedOut: () => {
      loggedOut += 1
    },
  })
})
afterEach(() => {
  vi.useRealTimers()
})

function becomeReady(): void {
  login.stateChanged('CONNECTED')
  login.synced(account)
}

describe('the way to ready', () => {
  test('is told in order and once, whatever is repeated', () => {
    login.stateChanged('OPENING')
    login.stateChanged('UNPAIRED')
    login.stateChanged('PAIRING')
    login.stateChanged('CONNECTED')
    login.synced(account)
    login.synced(account)
    login.stateChanged('CONNECTED')
    expect(said).toEqual(['authenticated', 'ready'])
  })

  test('tells authenticated also where the sync is heard first', () => {
    login.synced(account)
    expect(said.slice(0, 2)).toEqual(['authenticated', 'ready'])
  })

  test('waits for what had waited at the server, however it comes, and no longer than WhatsApp Web does', () => {
    login.offlineDelivery(false)
    becomeReady()
    expect(said).toEqual(['authenticated'])
    login.offlineDelivery(true)
    expect(said).toEqual(['authenticated', 'ready'])
    login.stateChanged('OPENING')
    login.offlineDelivery(false)
    login.stateChanged('CONNECTED')
    vi.advanceTimersByTime(299_000)
    expect(said.slice(2)).toEqual(['connection false'])
    vi.advanceTimersByTime(1_000)
    expect(said.slice(2)).toEqual(['connection false', 'connection true'])
    expect(faults).toEqual([])
  })

  test('is a fault when it takes too long, and takes longer when it moves on', () => {
    login.stateChanged('CONNECTED')
    vi.advanceTimersByTime(900)
    login.progressed(10)
    vi.advanceTimersByTime(900)
    expect(faults).toEqual([])
    // It says so once more, and has not moved on.
    login.progressed(10)
    vi.advanceTimersByTime(200)
    expect(faults).toMatchObject([{ kind: 'ready_timeout' }])
  })

  test('is a fault where WhatsApp asks for a passkey', () => {
    login.stateChanged('PAIRING')
    login.passkeyAsked()
    expect(faults).toMatchObject([{ kind: 'passkey_required' }])
  })

  test('has no limit while a code waits for its scan', () => {
    login.stateChanged('UNPAIRED')
    login.stateChanged('UNPAIRED_IDLE')
    vi.advanceTimersByTime(3_600_000)
    expect(faults).toEqual([])
  })

  test('is watched again after a reload', () => {
    becomeReady()
    login.documentChanged()
    vi.advanceTimersByTime(1_001)
    expect(faults).toMatchObject([{ kind: 'ready_timeout' }])
  })
})

describe('after ready', () => {
  test('a lost connection and its return are told once each', () => {
    becomeReady()
    login.stateChanged('OPENING')
    login.stateChanged('TIMEOUT')
    login.stateChanged('CONNECTED')
    expect(said.slice(2)).toEqual(['connection false', 'connection true'])
  })

  test('a reload is a lost connection until the page has synced again', () => {
    becomeReady()
    login.documentChanged()
    login.stateChanged('CONNECTED')
    expect(said.slice(2)).toEqual(['connection false'])
    login.synced(account)
    expect(said.slice(2)).toEqual(['connection false', 'connection true'])
  })

  test('unpaired means logged out, after the page had time to clean up', () => {
    becomeReady()
    login.stateChanged('UNPAIRED')
    login.stateChanged('UNPAIRED_IDLE')
    expect(loggedOut).toBe(0)
    vi.advanceTimersByTime(5_000)
    expect(loggedOut).toBe(1)
    expect(faults).toEqual([])
  })

  test.each([
    ['CONFLICT', 'conflict'],
    ['TOS_BLOCK', 'account_blocked'],
    ['SMB_TOS_BLOCK', 'account_blocked'],
    ['PROXYBLOCK', 'proxy_blocked'],
    ['DEPRECATED_VERSION', 'page_unsupported'],
  ])('%s is the fault %s', (state, kind) => {
    becomeReady()
    login.stateChanged(state)
    expect(faults).toMatchObject([{ kind }])
  })
})
