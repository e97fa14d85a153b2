import { setTimeout as pause } from 'node:timers/promises'
import type { Logger } from '@wsg/shared/logger.ts'
import { readSnapshot } from '@wsg/shared/redis/session/snapshot.ts'
import { type Engine, toEngineFields } from '@wsg/shared/sessions/engine.ts'
import { NO_RESTRICTION } from '@wsg/shared/sessions/restriction.ts'
import type { Connections } from '../connections.ts'
import { EventLog } from '../inbox/event-log.ts'
import { Inbox } from '../inbox/inbox.ts'
import type { Claim } from '../lease/claim-session.ts'
import { Fence, FenceClosed } from '../lease/fence.ts'
import { LeaseKeeper } from '../lease/lease-keeper.ts'
import { whileOwner } from '../lease/while-owner.ts'
import type { MemoryMeter } from '../memory/memory-meter.ts'
import type { SessionAccess } from '../operations/handler.ts'
import { JobRunner } from '../operations/job-runner.ts'
import { NumberChecks } from '../operations/number-checks.ts'
import { Reads } from '../operations/reads.ts'
import { UnconfirmedChanges } from '../operations/unconfirmed-changes.ts'
import { MessageLog } from '../outbox/message-log.ts'
import { Outbox } from '../outbox/outbox.ts'
import { SessionNotifications } from '../session-notifications.ts'
import type { Account, WhatsAppClient } from '../whatsapp/whatsapp-client.ts'
import {
  endAfterDeath,
  endOfFault,
  endOfOpening,
  goesOn,
  type Leaving,
  orLeaving,
  orMemoryFault,
  type SessionEnd,
} from './ending.ts'
import type { ProfileFolder } from './profile-folder.ts'
import { releaseSession } from './release-session.ts'
import { type ClientReactions, SessionClient, type SessionClientOptions } from './session-client.ts'
import { SessionMachine } from './session-machine.ts'
import { SessionMemory } from './session-memory.ts'
import { SessionPast } from './session-past.ts'
import { SessionPublisher } from './session-publisher.ts'
import type { SessionSettings } from './session-settings.ts'

/** How long a session that is to be logged out is given to come up, because only a loaded page can do that. */
const LOGOUT_LIMIT_MS = 60_000
/** After this long in `ready` earlier faults are forgotten. */
const STEADY_AFTER_MS = 60_000

export interface SessionOptions {
  /** The lease that was taken. */
  claim: Claim
  settings: SessionSettings
  memory: Pick<MemoryMeter, 'limitMb' | 'killedByKernel'>
  connections: Connections
  profiles: ProfileFolder
  createClient: SessionClientOptions['createClient']
  startGate: SessionClientOptions['startGate']
  offerPlacement(sessionId: string): Promise<void>
  /** Ends this process in this very turn. Its browser is dead already. */
  die(reason: string): void
  logger: Logger
}

/**
 * One ownership of one session, from the lease to its release. `run` tells it in order: the lease is kept, the browser is
 * opened, the client's events move the machine, a message outbox works while the session is ready; then something ends it
 * (`#end`, the first one counts), and everything is taken down in the reverse order (`#conclude`).
 */
export class Session implements SessionAccess {
  readonly machine: SessionMachine
  readonly memory: SessionMemory
  readonly numbers = new NumberChecks()
  readonly reads = new Reads()
  outbox: Outbox | null = null
  readonly #options: SessionOptions
  readonly #fence: Fence
  readonly #keeper: LeaseKeeper
  readonly #client: SessionClient
  readonly #jobs: JobRunner
  readonly #changes = new UnconfirmedChanges({
    connection: async () => (await this.client?.probe()) ?? 'OPENING',
    endPage: (why) => this.abort(why),
  })
  readonly #messages: MessageLog
  readonly #events: EventLog
  readonly #inbox: Inbox
  readonly #notifications: SessionNotifications
  readonly #ended = Promise.withResolvers<SessionEnd>()
  #past = new SessionPast({})
  #leaving: Leaving | null = null
  /** Runs from the first code on, until it is scanned. */
  #scanLimit: NodeJS.Timeout | undefined
  readonly #endSignal = new AbortController()
  /** The page has all that sending needs. */
  #mayHandOver = true
  /** The message whose file was being brought into the page when the ownership ended. */
  #uploading: string | null = null
  #fenced = false

  constructor(options: SessionOptions) {
    this.#options = options
    const { claim, settings, connections, createClient, startGate, logger } = options
    const { sessionId, token, askedAt } = claim
    const { commands, confirmations, wakes } = connections
    const { leaseTtlMs: ttlMs, retentionMs, eventBodies: withBodies, historyMs } = settings
    this.#fence = new Fence(ttlMs, askedAt)
    const owner = { redis: commands, confirmations, sessionId, token, ttlMs, fence: this.#fence, logger }
    const onFenced = () => this.abandon('lease_lost')
    this.machine = new SessionMachine(new SessionPublisher(owner), logger, onFenced)
    this.#keeper = new LeaseKeeper({
      ...owner,
      status: () => this.machine.status,
      onWanted: (wishedAt) => this.#isWanted(wishedAt),
      onUnwanted: () => this.#end({ kind: 'stopped' }),
      onLoggingOut: () => this.#leave('logout'),
      onDeleting: () => this.#leave('deleted'),
      onLost: (why) => this.abandon(why),
    })
    const notifications = new SessionNotifications(wakes, sessionId)
    this.#notifications = notifications
    this.#client = new SessionClient({
      ...owner,
      notifications,
      createClient,
      startGate,
      reactions: this.#reactions(),
      onProfileLocked: () => this.machine.profileInUse(),
      onProxyChanged: () => this.restart(),
      ends: this.#endSignal.signal,
    })
    notifications.on('desired_state', () => void this.#keeper.checkNow())
    const { tracer } = settings
    const job = { redis: commands, sessionId, token, notifications, tracer, logger }
    this.#jobs = new JobRunner({ ...job, session: this, changes: this.#changes })
    this.#messages = new MessageLog({ ...owner, retentionMs, withBodies, onFenced })
    this.#events = new EventLog({ ...owner, withBodies, onFenced })
    this.#inbox = new Inbox({ log: this.#events, ownKnownMs: retentionMs, historyMs, logger })
    this.memory = new SessionMemory({ limitMb: options.memory.limitMb, machine: this.machine, logger })
  }

  /** Null until the browser is to be started for the first time. */
  get client(): WhatsAppClient | null {
    return this.#client.current
  }

  get #ending(): boolean {
    return this.#endSignal.signal.aborted
  }

  /** Runs until the ownership is over. Unless it is `fenced`, the lease is released by then. */
  async run(): Promise<SessionEnd> {
    const { claim, connections, logger, memory } = this.#options
    const { sessionId, predecessorLost } = claim
    const readSession = () => readSnapshot(connections.commands, sessionId)
    this.#keeper.start()
    try {
      const { fields, nowMs, notBefore } = await whileOwner(this.#fence, logger, readSession)
      this.#past = new SessionPast(fields, nowMs, notBefore ?? 0)
      const early = predecessorLost ? endAfterDeath(this.#past.inARow) : null
      if (early === null) this.machine.begin(this.#past.savedLogin, memory.limitMb)
      this.#jobs.start()
      if (fields.loggingOut === '1') this.#leave('logout')
      if (fields.deleting === '1') this.#leave('deleted')
      await this.#client.readProxy()
      if (early === null) this.#client.open().catch((error) => this.#end(endOfOpening(error)))
      else this.#end(early)
      return await this.#conclude(await this.#ended.promise)
    } catch (error) {
      if (!(error instanceof FenceClosed)) throw error
      this.abandon('lease_unconfirmed')
      return await this.#conclude({ kind: 'fenced' })
    }
  }

  /** This process and its browser take so much, in MB. */
  measured(memoryMb: number): void {
    if (this.#ending || !this.machine.hasBegun) return
    const { client, outbox } = this
    const doing = { client, idleMs: outbox?.idleMs ?? 0, recycledBefore: this.#past.recycled }
    const end = this.memory.measured(memoryMb, doing)
    if (end !== null) this.#end(end)
  }

  /** Ends the ownership cleanly because this process stops; the session stays wanted. */
  stop(): void {
    this.#end({ kind: 'handed_over' })
  }

  restart(): void {
    this.#end({ kind: 'restarted' })
  }

  /** Ends it as a fault: the browser dies in this turn. */
  abort(detail: string): void {
    this.#client.kill()
    this.#end({ kind: 'fault', fault: { kind: 'unexpected', detail } })
  }

  /** Ends it where nothing can be written any more: nothing of ours may act from this turn on. */
  abandon(why: 'lease_lost' | 'lease_unconfirmed' | 'redis_unreachable'): void {
    if (this.#fenced) return
    this.#fenced = true
    this.#client.kill()
    this.#keeper.stop()
    this.#options.logger.fatal({ why }, 'the session may be owned by somebody else; the browser was killed')
    this.#options.die(why)
    this.#end({ kind: 'fenced' })
  }

  #reactions(): ClientReactions {
    return {
      qr: (code, expiresAt) => this.#qrShown(code, expiresAt),
      pairingCode: (_code, expiresAt) => this.machine.pairingCodeGiven(expiresAt),
      authenticated: () => {
        this.#stopScanLimit()
        this.#past.authenticated()
        this.machine.authenticated()
      },
      engine: (engine) => this.#engineSeen(engine),
      ready: (account) => this.#ready(account),
      connection: (connected) => this.#connectionChanged(connected),
      proxy: (trouble) => this.machine.proxyChanged(trouble),
      reloaded: () => this.#reloaded(),
      ack: (messageId, state) => {
        // Receipts of earlier messages come while the page is still loading, and say nothing about sending.
        if (state === 'sent') this.#past.hasSent = true
        this.outbox?.ackArrived(messageId, state)
      },
      sendFailed: (messageId, failure) => this.outbox?.sendFailed(messageId, failure),
      news: (news) => this.#inbox.take(news),
      loggedOut: () => this.#loggedOut(),
      fault: (fault) => this.#end(endOfFault(fault)),
    }
  }

  #loggedOut(): void {
    this.#past.savedLogin = false
    this.#end({ kind: 'failed', reason: 'logged_out' })
  }

  #qrShown(code: string, expiresAt: number): void {
    // A page that could send and now asks to be paired was unlinked.
    if (this.outbox !== null) {
      this.#loggedOut()
      return
    }
    this.#past.savedLogin = false
    const until = this.#past.redisTime(expiresAt)
    this.machine.qrShown(code, until)
    const data = { qr: code, expiresAt: new Date(until).toISOString() }
    this.#events.add({ event: 'session.qr', occurrence: code, chats: [], data })
    const { qrTimeoutMs } = this.#options.settings
    const expire = () => this.#end({ kind: 'failed', reason: 'qr_expired' })
    this.#scanLimit ??= setTimeout(expire, qrTimeoutMs)
    this.#leaveIfPossible()
  }

  #stopScanLimit(): void {
    clearTimeout(this.#scanLimit)
    this.#scanLimit = undefined
  }

  #engineSeen(engine: Engine): void {
    const { page, missing } = engine
    if (missing.length > 0)
      this.#options.logger.warn({ page, missing }, 'WhatsApp Web lacks parts that this version uses')
    const fields = toEngineFields(engine)
    this.machine.report(fields)
    this.#mayHandOver = fields.sendingLacks === ''
    this.outbox?.setAble(this.#mayHandOver)
  }

  #ready(account: Account): void {
    this.#stopScanLimit()
    this.#past.authenticated()
    const pairedAt = this.#past.pairedAt(account.account)
    this.machine.ready(account, pairedAt)
    const over = this.#past.becameUnrestricted()
    if (over !== null) this.machine.report(NO_RESTRICTION, { event: 'restriction_ended', detail: over })
    this.#after(STEADY_AFTER_MS, () => {
      if (this.machine.status === 'ready') this.machine.report(this.#past.becameSteady())
    })
    this.#leaveIfPossible()
    if (this.#leaving !== null || this.client === null) return
    this.outbox = this.#makeOutbox(this.client, account.account, pairedAt)
    this.outbox.setAble(this.#mayHandOver)
    void this.outbox.start()
    this.#listen(account.account)
  }

  #makeOutbox(client: WhatsAppClient, account: string, pairedAt: number): Outbox {
    const { claim, settings, logger } = this.#options
    return new Outbox({
      ...settings,
      ...{ sessionId: claim.sessionId, client, account, pairedAt },
      messages: this.#messages,
      notifications: this.#notifications,
      fence: this.#fence,
      heavy: this.#past.heavy,
      afterMemoryFault: this.#past.inARow.memoryFaults > 0,
      report: (fields, happened) => this.machine.report(fields, happened),
      onClientSuspect: (detail) => this.#end({ kind: 'fault', fault: { kind: 'page_unresponsive', detail } }),
      onMayLeaveLate: () => this.abort('the connection was lost until the deadline of what had no ack'),
      onUnacked: (detail, restarts) => this.#end({ kind: 'unacked', restarts, detail }),
      logger,
    })
  }

  #connectionChanged(connected: boolean): void {
    this.machine.connectionChanged(connected)
    this.outbox?.setConnected(connected)
    if (connected) this.#listen()
    else {
      this.#changes.disconnected()
      this.#inbox.disconnected()
    }
    this.#leaveIfPossible()
  }

  /** What came while nobody listened is told first. */
  #listen(account: string | undefined = this.#past.account): void {
    if (this.client !== null && account !== undefined) void this.#inbox.listen(this.client, account)
  }

  /** What has no ack went with the old document: whether it left is for the next owner to find out. */
  #reloaded(): void {
    this.#changes.reloaded()
    if (!this.outbox?.hasUnacked) return
    const detail = 'the page was loaded again while messages had no ack'
    this.#end({ kind: 'fault', fault: { kind: 'unexpected', detail } })
  }

  /** Where it was stopped and started between two looks, it is run for the later wish. Once it ends, that wish is the next owner's. */
  #isWanted(wishedAt: number): void {
    if (!this.#ending && this.#leaving === null) this.#past.wishedAt = wishedAt
  }

  /** Removing it, once asked for, is not taken back. */
  #leave(why: Leaving): void {
    if (this.#leaving === why || this.#leaving === 'deleted') return
    this.#leaving = why
    this.#after(LOGOUT_LIMIT_MS, () => this.#end({ kind: why }))
    this.#leaveIfPossible()
  }

  /** A login is logged out by a page that is ready, so that the phone no longer lists this device. */
  #leaveIfPossible(): void {
    const isDecided = this.machine.status === 'ready' || !this.#past.savedLogin
    if (this.#leaving !== null && isDecided) this.#end({ kind: this.#leaving })
  }

  /** Calls `act` after `ms`, unless the ownership ends before. */
  #after(ms: number, act: () => void): void {
    pause(ms, undefined, { signal: this.#endSignal.signal }).then(act, () => {})
  }

  /** The first end counts. */
  #end(given: SessionEnd): void {
    if (this.#ending) return
    this.#endSignal.abort()
    const found = orMemoryFault(given, () => this.#options.memory.killedByKernel())
    this.#options.logger[found.kind === 'fault' ? 'error' : 'info'](found, 'the ownership ends')
    this.#uploading = this.outbox?.uploading ?? null
    if (found.kind === 'fault') this.#client.kill()
    const end = orLeaving(found, this.#leaving)
    if (goesOn(end)) this.machine.interrupted(end.kind === 'recycled')
    this.#ended.resolve(end)
  }

  /** @throws FenceClosed where the lease is lost on the way */
  async #conclude(end: SessionEnd): Promise<SessionEnd> {
    this.#stopScanLimit()
    const graceMs = end.kind === 'failed' ? 0 : this.#options.settings.sendsGraceMs
    const sending = this.#client.isKilled ? this.outbox?.abandon() : this.outbox?.stop(graceMs)
    this.#jobs.stop()
    await sending
    if (end.kind !== 'fenced') {
      const { claim, connections, profiles, offerPlacement, logger } = this.#options
      await releaseSession(end, {
        ...claim,
        ...{ commands: connections.commands, profiles, offerPlacement, logger },
        fence: this.#fence,
        machine: this.machine,
        client: this.client,
        messages: this.#messages,
        inbox: this.#inbox,
        past: this.#past,
        uploading: this.#uploading,
        stopRenewing: () => this.#keeper.stop(),
      })
    }
    this.#inbox.disconnected()
    this.#notifications.close()
    this.#keeper.stop()
    this.machine.close()
    await this.#jobs.finished()
    return this.#fenced ? { kind: 'fenced' } : end
  }
}
