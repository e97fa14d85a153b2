import { readSnapshot } from '@wsg/shared/redis/snapshot.ts'
import { Fence, FenceClosed } from '../lease/fence.ts'
import { LeaseKeeper } from '../lease/lease-keeper.ts'
import { whileOwner } from '../lease/while-owner.ts'
import { ControlQueue } from '../queues/control-queue.ts'
import { MessageLog } from '../sending/message-log.ts'
import type { Sender } from '../sending/sender.ts'
import type { Account, WhatsAppClient } from '../whatsapp/whatsapp-client.ts'
import { ControlDesk } from './control-desk.ts'
import { createSender } from './create-sender.ts'
import { type ClientReactions, listenToClient } from './listen-to-client.ts'
import { openClient } from './open-client.ts'
import { releaseSession } from './release-session.ts'
import type { SessionAccess } from './session-access.ts'
import { endOfFault, goesOn, orDeleted, type SessionEnd } from './session-end.ts'
import { SessionMachine } from './session-machine.ts'
import type { SessionOptions } from './session-options.ts'
import { SessionPublisher } from './session-publisher.ts'
import { LOGOUT_LIMIT_MS, SessionTimers, STEADY_AFTER_MS } from './session-timers.ts'

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
  readonly #messages: MessageLog
  readonly #ended = Promise.withResolvers<SessionEnd>()
  #control: ControlQueue | null = null
  #sender: Sender | null = null
  #savedLogin = false
  #failures = 0
  #deleting = false
  readonly #timers = new SessionTimers()
  readonly #endSignal = new AbortController()
  #clientIsDead = false
  #fenced = false

  constructor(options: SessionOptions) {
    this.#options = options
    const { sessionId, token, askedAt, settings, commands, logger } = options
    const { leaseTtlMs: ttlMs, retentionMs } = settings
    this.#fence = new Fence(ttlMs, askedAt)
    const owner = { redis: commands, sessionId, token, ttlMs, fence: this.#fence, logger }
    this.machine = new SessionMachine(new SessionPublisher(owner), logger, () => this.abandon('lease_lost'))
    this.#keeper = new LeaseKeeper({
      ...owner,
      status: () => this.machine.status,
      onUnwanted: () => this.#end({ kind: 'stopped' }),
      onDeleting: () => this.#delete(),
      onLost: (why) => this.abandon(why),
    })
    this.#desk = new ControlDesk({ redis: commands, session: this, logger })
    this.#messages = new MessageLog({ ...owner, retentionMs, onFenced: () => this.abandon('lease_lost') })
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
      this.abandon('lease_unconfirmed')
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
    this.#killClient()
    this.#end({ kind: 'fault', fault: { kind: 'unexpected', detail } })
  }

  /** Ends it where nothing can be written any more: nothing of ours may act from this turn on. */
  abandon(why: 'lease_lost' | 'lease_unconfirmed' | 'redis_unreachable'): void {
    if (this.#fenced) return
    this.#fenced = true
    this.#killClient()
    this.#keeper.stop()
    this.#options.logger.fatal({ why }, 'the session may be owned by somebody else; the browser was killed')
    this.#options.die(why)
    this.#end({ kind: 'fenced' })
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
      messages: this.#messages,
      ending: () => this.#ending,
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

  /** The first end counts. */
  #end(given: SessionEnd): void {
    if (this.#ending) return
    this.#endSignal.abort()
    this.#options.logger[given.kind === 'fault' ? 'error' : 'info'](given, 'the ownership ends')
    if (given.kind === 'fault') this.#killClient()
    const end = orDeleted(given, this.#deleting)
    if (goesOn(end)) this.machine.interrupted()
    this.#ended.resolve(end)
  }

  #killClient(): void {
    this.#clientIsDead = true
    this.client?.kill()
  }

  /** @throws FenceClosed where the lease is lost on the way */
  async #conclude(end: SessionEnd): Promise<SessionEnd> {
    this.#timers.stopAll()
    const { sendsGraceMs } = this.#options.settings
    const stopSending = () => this.#sender?.stop(end.kind === 'failed' ? 0 : sendsGraceMs)
    await Promise.all([this.#control?.close(), this.#clientIsDead ? this.#sender?.abandon() : stopSending()])
    if (end.kind !== 'fenced') {
      await releaseSession(end, {
        options: this.#options,
        session: this,
        messages: this.#messages,
        fence: this.#fence,
        facts: { savedLogin: this.#savedLogin, failures: this.#failures },
        stopRenewing: () => this.#keeper.stop(),
      })
    }
    this.#keeper.stop()
    this.machine.close()
    await this.#desk.finished()
    return this.#fenced ? { kind: 'fenced' } : end
  }
}
