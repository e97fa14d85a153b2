import { setTimeout as pause } from 'node:timers/promises'
import { readSnapshot } from '@wsg/shared/redis/snapshot.ts'
import { Fence, FenceClosed } from '../lease/fence.ts'
import { LeaseKeeper } from '../lease/lease-keeper.ts'
import { whileOwner } from '../lease/while-owner.ts'
import { ControlQueue } from '../queues/control-queue.ts'
import type { Sender } from '../sending/sender.ts'
import type { Account, WhatsAppClient } from '../whatsapp/whatsapp-client.ts'
import { ControlDesk } from './control-desk.ts'
import { createSender } from './create-sender.ts'
import { type ClientReactions, listenToClient } from './listen-to-client.ts'
import { openClient } from './open-client.ts'
import { releaseSession } from './release-session.ts'
import type { SessionAccess } from './session-access.ts'
import { endOfFault, type SessionEnd } from './session-end.ts'
import { SessionMachine } from './session-machine.ts'
import type { SessionOptions } from './session-options.ts'
import { SessionPublisher } from './session-publisher.ts'
import { SessionTimers } from './session-timers.ts'

/** How long sends in flight may take to get their ack when the session is closed cleanly. */
const SENDS_GRACE_MS = 8_000
/** How long a session that is to be deleted is given to come up, because only a loaded page can log out. */
const LOGOUT_LIMIT_MS = 60_000
/** After this long in `ready` earlier faults are forgotten. */
const STEADY_AFTER_MS = 60_000
const REPLIES_GRACE_MS = 1_000

/**
 * One ownership of one session, from the lease to its release: it joins the client's events to the machine, keeps
 * the lease, and takes everything down in the reverse order of how it came up. Its state is the machine's.
 */
export class Session implements SessionAccess {
  readonly machine: SessionMachine
  client: WhatsAppClient | null = null
  memoryMb: number | null = null
  readonly #options: SessionOptions
  readonly #fence: Fence
  readonly #keeper: LeaseKeeper
  readonly #desk: ControlDesk
  readonly #ended = Promise.withResolvers<SessionEnd>()
  #control: ControlQueue | null = null
  #sender: Sender | null = null
  #savedLogin = false
  #failures = 0
  #deleting = false
  readonly #timers = new SessionTimers()
  readonly #endSignal = new AbortController()
  #fenced = false

  constructor(options: SessionOptions) {
    this.#options = options
    const { sessionId, token, askedAt, settings, commands, logger } = options
    const ttlMs = settings.leaseTtlMs
    this.#fence = new Fence(ttlMs, askedAt)
    const owner = { redis: commands, sessionId, token, ttlMs, fence: this.#fence, logger }
    this.machine = new SessionMachine(new SessionPublisher(owner), logger, () => this.#lose('lease_lost'))
    this.#keeper = new LeaseKeeper({
      ...owner,
      status: () => this.machine.status,
      onUnwanted: () => this.#end({ kind: 'stopped' }),
      onDeleting: () => this.#delete(),
      onLost: (why) => this.#lose(why),
    })
    this.#desk = new ControlDesk({ redis: commands, session: this, logger })
  }

  get #ending(): boolean {
    return this.#endSignal.signal.aborted
  }

  /** Runs until the ownership is over. Unless it is `fenced`, the lease is released by then. */
  async run(): Promise<SessionEnd> {
    const { commands, queues, sessionId, logger } = this.#options
    this.#keeper.start()
    try {
      const { fields } = await whileOwner(this.#fence, logger, () => readSnapshot(commands, sessionId))
      this.#savedLogin = fields.savedLogin === '1'
      this.#failures = Number(fields.failures ?? 0)
      this.machine.begin(this.#savedLogin)
      this.#control = new ControlQueue({ connection: queues, sessionId, logger, desk: this.#desk })
      if (fields.deleting === '1') this.#delete()
      void this.#open()
      return await this.#conclude(await this.#ended.promise)
    } catch (error) {
      if (!(error instanceof FenceClosed)) throw error
      this.#lose('lease_unconfirmed')
      return await this.#conclude({ kind: 'fenced' })
    }
  }

  /** Ends the ownership cleanly because this process stops; the session stays wanted. */
  stop(): void {
    this.#end({ kind: 'handed_over' })
  }

  restart(): void {
    this.#end({ kind: 'restarted' })
  }

  /** Ends it after an error that nobody caught: the browser dies in this turn. */
  abort(detail: string): void {
    this.client?.kill()
    this.#end({ kind: 'fault', fault: { kind: 'unexpected', detail } })
  }

  async checkWish(): Promise<void> {
    await this.#keeper.checkNow()
  }

  memoryMeasured(memoryMb: number): void {
    this.memoryMb = memoryMb
    if (!this.#ending) this.machine.report({ memoryMb: String(memoryMb) })
  }

  async #open(): Promise<void> {
    const end = await openClient({
      create: () => this.#createClient(),
      startGate: (start) => this.#options.startGate(this.#endSignal.signal, start),
      onProfileLocked: () => this.machine.profileInUse(),
      ending: () => this.#ending,
    })
    if (end !== null) this.#end(end)
  }

  #createClient(): WhatsAppClient {
    const client = this.#options.createClient(this.#options.sessionId)
    this.client = client
    const { machine } = this
    const reactions: ClientReactions = {
      qr: (code, expiresAt) => this.#qrShown(code, expiresAt),
      pairingCode: (_code, expiresAt) => machine.pairingCodeGiven(expiresAt),
      authenticated: () => this.#authenticated(),
      progress: () => {},
      ready: (account) => this.#ready(account),
      connection: (connected) => this.#connectionChanged(connected),
      ack: (messageId, state) => this.#sender?.ackArrived(messageId, state),
      loggedOut: () => this.#end({ kind: 'failed', reason: 'logged_out' }),
      fault: (fault) => this.#end(endOfFault(fault)),
    }
    listenToClient(client, reactions, {
      ending: () => this.#ending,
      after: () => this.#deleteIfPossible(),
    })
    return client
  }

  #qrShown(code: string, expiresAt: number): void {
    // A page that could send and now asks to be paired was unlinked.
    if (this.#sender !== null) {
      this.#end({ kind: 'failed', reason: 'logged_out' })
      return
    }
    this.#savedLogin = false
    this.machine.qrShown(code, expiresAt)
    const { qrTimeoutMs } = this.#options.settings
    this.#timers.start('unscanned', qrTimeoutMs, () => this.#end({ kind: 'failed', reason: 'qr_expired' }))
  }

  #authenticated(): void {
    this.#timers.stop('unscanned')
    this.machine.authenticated()
  }

  #ready(account: Account): void {
    this.#timers.stop('unscanned')
    this.#savedLogin = true
    this.machine.ready(account)
    this.#timers.start('steady', STEADY_AFTER_MS, () => {
      if (this.machine.status !== 'ready') return
      this.#failures = 0
      this.machine.report({ failures: '' })
    })
    if (this.#deleting || this.client === null) return
    this.#sender = createSender(this.#options, {
      client: this.client,
      fence: this.#fence,
      ending: () => this.#ending,
      onFenced: () => this.#lose('lease_lost'),
      onClientSuspect: (detail) => this.#end({ kind: 'fault', fault: { kind: 'page_unresponsive', detail } }),
    })
    void this.#sender.start(account.account)
  }

  #connectionChanged(connected: boolean): void {
    if (connected) this.machine.connectionBack()
    else this.machine.connectionLost()
    this.#sender?.setConnected(connected)
  }

  #delete(): void {
    if (this.#deleting) return
    this.#deleting = true
    this.#timers.start('logout', LOGOUT_LIMIT_MS, () => this.#end({ kind: 'deleted' }))
    this.#deleteIfPossible()
  }

  /** A saved login is logged out first, so that the phone no longer lists this device. */
  #deleteIfPossible(): void {
    if (this.#deleting && (this.machine.status === 'ready' || !this.#savedLogin))
      this.#end({ kind: 'deleted' })
  }

  /** The first end counts; one that is to be deleted is deleted however it ends. */
  #end(end: SessionEnd): void {
    if (this.#ending) return
    this.#endSignal.abort()
    const goesOnElsewhere = end.kind === 'handed_over' || end.kind === 'fenced'
    this.#options.logger[end.kind === 'fault' ? 'error' : 'info'](end, 'the ownership ends')
    this.#ended.resolve(this.#deleting && !goesOnElsewhere ? { kind: 'deleted' } : end)
  }

  /** Somebody else may own the session from now on: nothing of ours may act any more. */
  #lose(why: 'lease_lost' | 'lease_unconfirmed'): void {
    if (this.#fenced) return
    this.#fenced = true
    this.client?.kill()
    this.#keeper.stop()
    this.#options.logger.fatal({ why }, 'the lease is gone, the browser was killed')
    this.#options.die(why)
    this.#end({ kind: 'fenced' })
  }

  /** @throws FenceClosed where the lease is lost on the way */
  async #conclude(end: SessionEnd): Promise<SessionEnd> {
    this.#timers.stopAll()
    await this.#control?.close()
    if (end.kind === 'fault' || end.kind === 'fenced') {
      this.client?.kill()
      await this.#sender?.abandon()
    } else {
      await this.#sender?.stop(end.kind === 'failed' ? 0 : SENDS_GRACE_MS)
    }
    if (end.kind !== 'fenced') {
      const facts = { savedLogin: this.#savedLogin, failures: this.#failures }
      const stopRenewing = () => this.#keeper.stop()
      await releaseSession(end, {
        options: this.#options,
        session: this,
        fence: this.#fence,
        facts,
        stopRenewing,
      })
    }
    this.#keeper.stop()
    this.machine.close()
    await Promise.race([this.#desk.finished(), pause(REPLIES_GRACE_MS, undefined, { ref: false })])
    return this.#fenced ? { kind: 'fenced' } : end
  }
}
