import type { EventEmitter } from 'node:events'
import type { Account, ClientFault, WhatsAppClientEvents } from '../whatsapp-client.ts'

/** How long WhatsApp Web itself waits for what had waited at the server, before it sends nevertheless. */
const OFFLINE_DELIVERY_MS = 300_000
/** How long the page has for cleaning up and going to its QR once the phone unlinked it. */
const LOGOUT_GRACE_MS = 5_000

interface LoginFollowerOptions {
  events: EventEmitter<WhatsAppClientEvents>
  /** From the login until `ready`, begun anew whenever syncing moves on. */
  readyMs: number
  onFault: (fault: ClientFault) => void
  onLoggedOut: () => void
}

/**
 * Turns what the page says about its connection into the events of the port, each where it belongs and once:
 *
 *     (loading) ─ code → qr ─ PAIRING, CONNECTED → authenticated ─ synced, caught up → ready ⇄ connection
 *
 * and ends it: CONFLICT and refusals are faults, UNPAIRED after a login is a logout.
 */
export class LoginFollower {
  readonly #options: LoginFollowerOptions
  /** Runs between a login and `ready`. */
  #readyLimit: NodeJS.Timeout | undefined
  #state = 'OPENING'
  #percent = -1
  #isAuthenticated = false
  #isReady = false
  #syncedAs: Account | undefined
  /** What had waited at the server is there, or WhatsApp Web waits for it no more. */
  #isCaughtUp = true
  #catchUpLimit: NodeJS.Timeout | undefined
  #isConnected = false
  #logoutTimer: NodeJS.Timeout | undefined

  constructor(options: LoginFollowerOptions) {
    this.#options = options
  }

  /** True between a login and `ready`, which may keep a page busy for long and has a limit of its own. */
  get isSyncing(): boolean {
    return this.#readyLimit !== undefined
  }

  /** A new document was opened: nothing of the old one holds. */
  documentChanged(): void {
    this.#syncedAs = undefined
    this.#state = 'OPENING'
    if (this.#isReady) this.#limitReady()
    this.#tellConnection()
  }

  stateChanged(state: string): void {
    this.#state = state
    this.#tellConnection()
    switch (state) {
      case 'PAIRING':
        if (!this.#isReady) this.#limitReady()
        break
      case 'CONNECTED':
        this.#loggedIn()
        this.#limitCatchUp()
        break
      case 'UNPAIRED':
      case 'UNPAIRED_IDLE':
        if (this.#isAuthenticated) this.logoutBegan()
        else this.#stopReadyLimit()
        break
      case 'CONFLICT':
        this.#options.onFault({ kind: 'conflict', detail: 'the same login was opened somewhere else' })
        break
      // No word about the login itself: it may be accepted again tomorrow, or by a newer Chromium.
      case 'TOS_BLOCK':
      case 'SMB_TOS_BLOCK':
        this.#options.onFault({ kind: 'account_blocked', detail: `WhatsApp refuses to connect: ${state}` })
        break
      case 'PROXYBLOCK':
        this.#options.onFault({ kind: 'proxy_blocked', detail: `WhatsApp refuses to connect: ${state}` })
        break
      case 'DEPRECATED_VERSION':
        this.#options.onFault({
          kind: 'page_unsupported',
          detail: 'WhatsApp Web calls this version of it too old',
        })
    }
  }

  /** Syncing has come so far, in percent. */
  progressed(percent: number): void {
    if (percent === this.#percent) return
    this.#percent = percent
    if (this.isSyncing) this.#limitReady()
  }

  /** whatsapp-web.js has seen the page synced and is set up in it. May come again after a reload. */
  synced(account: Account): void {
    this.#loggedIn()
    this.#stopReadyLimit()
    this.#syncedAs = account
    this.#tellConnection()
  }

  /** What had waited at the server is there, or is still to come. */
  offlineDelivery(isOver: boolean): void {
    this.#isCaughtUp = isOver
    this.#limitCatchUp()
    this.#tellConnection()
  }

  /** WhatsApp wants a passkey, which only a person with the right device can give. */
  passkeyAsked(): void {
    if (this.#isAuthenticated) return
    this.#options.onFault({ kind: 'passkey_required', detail: 'WhatsApp asks for a passkey while pairing' })
  }

  /** The page began to log out: it ends when the page went to its QR, or after a while. */
  logoutBegan(): void {
    this.#stopReadyLimit()
    this.#logoutTimer ??= setTimeout(this.#options.onLoggedOut, LOGOUT_GRACE_MS)
  }

  stop(): void {
    this.#stopReadyLimit()
    clearTimeout(this.#catchUpLimit)
    clearTimeout(this.#logoutTimer)
  }

  /** Begins the time until `ready`, or begins it anew. */
  #limitReady(): void {
    const { readyMs, onFault } = this.#options
    clearTimeout(this.#readyLimit)
    this.#readyLimit = setTimeout(() => {
      this.#readyLimit = undefined
      onFault({ kind: 'ready_timeout', detail: `logged in, but not ready after ${readyMs} ms` })
    }, readyMs)
  }

  #stopReadyLimit(): void {
    clearTimeout(this.#readyLimit)
    this.#readyLimit = undefined
  }

  #loggedIn(): void {
    if (this.#isAuthenticated) return
    this.#isAuthenticated = true
    this.#limitReady()
    this.#options.events.emit('authenticated')
  }

  /** Begins with the connection. */
  #limitCatchUp(): void {
    clearTimeout(this.#catchUpLimit)
    if (this.#state !== 'CONNECTED' || this.#isCaughtUp) return
    this.#catchUpLimit = setTimeout(() => this.offlineDelivery(true), OFFLINE_DELIVERY_MS)
  }

  #tellConnection(): void {
    const isAble = this.#syncedAs !== undefined && this.#isCaughtUp
    if (!this.#isReady) {
      if (this.#syncedAs === undefined || !isAble) return
      this.#isReady = true
      this.#isConnected = true
      this.#options.events.emit('ready', this.#syncedAs)
    }
    const connected = this.#state === 'CONNECTED' && isAble
    if (connected === this.#isConnected) return
    this.#isConnected = connected
    this.#options.events.emit('connection', connected)
  }
}
