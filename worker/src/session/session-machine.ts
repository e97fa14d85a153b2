import type { Logger } from '@wsg/shared/logger.ts'
import type { ProxyTrouble } from '@wsg/shared/net/connect-through-proxy.ts'
import type { Happening } from '@wsg/shared/sessions/session-history.ts'
import { mayMove, type OwnedStatus, type SessionReason } from '@wsg/shared/sessions/session-lifecycle.ts'
import type { SessionFields } from '@wsg/shared/sessions/session-view.ts'
import type { Account } from '../whatsapp/whatsapp-client.ts'
import type { Publication, SessionPublisher } from './session-publisher.ts'

const NO_CODE = { qr: '', qrExpiresAt: '' } as const satisfies SessionFields
/** What an owner alone can know of its sending; the next one finds it out anew. */
const NO_SENDING = { degraded: '', degradedSince: '', pacingInForce: '' } as const satisfies SessionFields
const reasonsToReconnect: ReadonlySet<SessionReason> = new Set([
  'reconnecting',
  'proxy_unreachable',
  'proxy_refused',
])
const NO_MEMORY = { memoryMb: '', memoryLimitMb: '' } as const satisfies SessionFields

/**
 * The state of one session during one ownership.
 *
 * It begins at `initializing`, because nothing that an earlier owner said is true any more: `restoring` where a
 * login is saved, `starting` where not. The page then shows either a code or a login. A code makes it `waiting_qr`,
 * and every rotation of the code publishes that state again; asking for a pairing code only changes the reason. The
 * scan brings it back to `initializing`, `syncing`, and a login that was saved goes straight there. When WhatsApp Web
 * can send it is `ready`. From `ready` it falls back to `initializing`, `reconnecting`, whenever WhatsApp loses its
 * connection, and returns by itself; where its proxy is what fails, that is the reason. When the browser goes and the
 * session goes on under another one, that is said first: `recycling` where that one was too large. The end is `failed` or
 * `stopped`, or `initializing` once more where the session goes on under another owner; either way the lease is let go in
 * the same script, and nothing follows.
 *
 * All of this is `#move`: the one place that changes the state, checks that the lifecycle allows it, logs it and
 * publishes it under the lease's token. A publication that finds the lease gone ends the ownership.
 */
export class SessionMachine {
  readonly #publisher: SessionPublisher
  readonly #logger: Logger
  readonly #onFenced: () => void
  #status: OwnedStatus = 'initializing'
  #reason: SessionReason = 'starting'
  #pairingCodeEndsAt = 0
  #over = false
  #hasBegun = false
  #proxyTrouble: ProxyTrouble | null = null
  #lastWord: Promise<void> = Promise.resolve()
  #changed = Promise.withResolvers<void>()

  constructor(publisher: SessionPublisher, logger: Logger, onFenced: () => void) {
    this.#publisher = publisher
    this.#logger = logger
    this.#onFenced = onFenced
  }

  get status(): OwnedStatus {
    return this.#status
  }

  get reason(): SessionReason {
    return this.#reason
  }

  /** True while it can send, and while it comes back from a time when it could. */
  get wasReady(): boolean {
    return this.#status === 'ready' || this.#isReconnecting || this.#reason === 'recycling'
  }

  /** It was ready, and WhatsApp has lost its connection. */
  get #isReconnecting(): boolean {
    return reasonsToReconnect.has(this.#reason)
  }

  /** True once this ownership has said its first word; what is reported before would be wiped by it. */
  get hasBegun(): boolean {
    return this.#hasBegun
  }

  /** True once nothing more will happen under this ownership. */
  get over(): boolean {
    return this.#over
  }

  /** @param memoryLimitMb null for none */
  begin(savedLogin: boolean, memoryLimitMb: number | null = null): void {
    this.#hasBegun = true
    const fields = {
      ...NO_CODE,
      ...NO_MEMORY,
      ...NO_SENDING,
      ...(memoryLimitMb && { memoryLimitMb: String(memoryLimitMb) }),
    }
    this.#moveTo('initializing', savedLogin ? 'restoring' : 'starting', fields, { event: 'started' })
  }

  profileInUse(): void {
    this.#moveTo('initializing', 'profile_in_use')
  }

  qrShown(code: string, expiresAt: number): void {
    const reason = Date.now() < this.#pairingCodeEndsAt ? 'pairing_code' : 'qr_available'
    // A page that shows a code holds no login, whatever was believed.
    this.#moveTo('waiting_qr', reason, { qr: code, qrExpiresAt: String(expiresAt), savedLogin: '' })
  }

  pairingCodeGiven(expiresAt: number): void {
    this.#pairingCodeEndsAt = expiresAt
    if (this.#status === 'waiting_qr') this.#moveTo('waiting_qr', 'pairing_code')
  }

  authenticated(): void {
    this.#moveTo('initializing', 'syncing', { ...NO_CODE, savedLogin: '1' })
  }

  /** @param pairedAt when the account was first paired, epoch ms */
  ready({ account, pushName, lid = '' }: Account, pairedAt: number = Date.now()): void {
    const fields = {
      ...NO_CODE,
      connectedAt: new Date().toISOString(),
      savedLogin: '1',
      account,
      phone: account,
      pushName,
      lid,
      pairedAt: String(pairedAt),
      deaths: '',
    }
    this.#moveTo('ready', 'connected', fields, { event: 'ready' })
  }

  connectionChanged(connected: boolean): void {
    if (!connected && this.#status === 'ready')
      this.#moveTo('initializing', this.#proxyTrouble ?? 'reconnecting')
    if (connected && this.#isReconnecting)
      this.#moveTo('ready', 'connected', { connectedAt: new Date().toISOString() })
  }

  /** What keeps the session's proxy from connecting; it matters while WhatsApp has no connection. */
  proxyChanged(trouble: ProxyTrouble | null): void {
    this.#proxyTrouble = trouble
    if (this.#isReconnecting) this.#moveTo('initializing', trouble ?? 'reconnecting')
  }

  /** The browser goes and the session goes on under another one: said first, before anything is waited for. */
  interrupted(isRecycling = false): void {
    const reason = this.wasReady ? 'reconnecting' : 'restarting'
    this.#moveTo('initializing', isRecycling ? 'recycling' : reason, NO_CODE)
  }

  /** Publishes fields that say nothing about the state. */
  report(fields: SessionFields, happened?: Happening): void {
    if (this.#over) return
    const more = happened === undefined ? {} : { happened }
    this.#publish({ status: this.#status, reason: this.#reason, fields, ...more }).catch(() => {})
  }

  /** Publishes again what holds: Redis was away, and may have come back without it. */
  repeat(): void {
    if (!this.#over) this.#publisher.repeat().catch(() => this.#onFenced())
  }

  /**
   * The last word of this ownership; lets go of the lease.
   * @throws FenceClosed where it was lost already
   */
  async end(last: Omit<Publication, 'release'>): Promise<void> {
    const fields = { ...NO_CODE, ...NO_MEMORY, ...NO_SENDING, ...last.fields }
    this.#move({ ...last, fields, release: true })
    await this.#lastWord
  }

  /** Nothing will be published any more; whoever waits for a change looks once more. */
  close(): void {
    this.#over = true
    this.#announce()
  }

  /** Waits until `condition` holds, the ownership is over, or `timeoutMs` passed. @returns whether it holds */
  async until(condition: () => boolean, timeoutMs: number): Promise<boolean> {
    const timeout = Promise.withResolvers<'late'>()
    const timer = setTimeout(() => timeout.resolve('late'), timeoutMs)
    try {
      while (!condition() && !this.#over) {
        if ((await Promise.race([this.#changed.promise, timeout.promise])) === 'late') break
      }
      return condition()
    } finally {
      clearTimeout(timer)
    }
  }

  #moveTo(
    status: OwnedStatus,
    reason: SessionReason,
    fields: SessionFields = {},
    happened?: Happening,
  ): void {
    this.#move({ status, reason, fields, ...(happened === undefined ? {} : { happened }) })
  }

  #move(publication: Publication): void {
    const { status: to, reason } = publication
    const from = this.#status
    if (this.#over || !mayMove(from, to)) {
      this.#logger.warn({ from, to, reason }, 'a move that the lifecycle does not allow was left out')
      return
    }
    this.#status = to
    this.#reason = reason
    this.#logger.info({ from, to, reason }, 'session')
    this.#announce()
    this.#lastWord = this.#publish(publication)
    // `onFenced` has heard of it; only `end` waits for it.
    this.#lastWord.catch(() => {})
  }

  async #publish(publication: Publication): Promise<void> {
    try {
      await this.#publisher.publish(publication)
    } catch (error) {
      this.#onFenced()
      throw error
    }
  }

  #announce(): void {
    this.#changed.resolve()
    this.#changed = Promise.withResolvers<void>()
  }
}
