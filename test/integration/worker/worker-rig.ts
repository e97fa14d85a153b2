import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLogger } from '@wsg/shared/logger.ts'
import { fromHash, type MessageRecord, type NewMessageRecord } from '@wsg/shared/messages/message-record.ts'
import { unpaced } from '@wsg/shared/messages/pacing.ts'
import { recipientKey } from '@wsg/shared/messages/recipient.ts'
import type { StoredProxy } from '@wsg/shared/net/proxy-address.ts'
import { keys, placementJobId, QUEUE_PREFIX, queues } from '@wsg/shared/redis/keys.ts'
import { acceptMessage } from '@wsg/shared/redis/message/accept-message.ts'
import { moveMessage } from '@wsg/shared/redis/message/move-message.ts'
import { desireSession } from '@wsg/shared/redis/session/desired-state.ts'
import { readHistory } from '@wsg/shared/redis/session/history.ts'
import type { SessionNotification } from '@wsg/shared/redis/session/session-notifications.ts'
import { readSnapshot } from '@wsg/shared/redis/session/snapshot.ts'
import { type SessionFields, type SessionView, viewSession } from '@wsg/shared/sessions/session-view.ts'
import { type Connections, openConnections } from '@wsg/worker/src/connections.ts'
import { ackLimits } from '@wsg/worker/src/outbox/ack-watch.ts'
import { ProfileFolder } from '@wsg/worker/src/session/profile-folder.ts'
import type { SessionSettings } from '@wsg/worker/src/session/session-settings.ts'
import type { WhatsAppClient } from '@wsg/worker/src/whatsapp/whatsapp-client.ts'
import { Worker } from '@wsg/worker/src/worker.ts'
import { Queue } from 'bullmq'
import type { Redis } from 'ioredis'
import { FakeWhatsApp, FakeWhatsAppClient } from '../../support/fake-whatsapp-client.ts'
import { connectPatiently, type RedisServer, startRedis } from '../../support/redis.ts'
import { waitFor } from '../../support/wait-for.ts'
import { FakeMemory } from './fake-memory.ts'

const ACCOUNT = '5511000000000'

export interface RigWorker {
  worker: Worker
  workerId: string
  /** Every client that this worker made, the newest last. */
  clients: FakeWhatsAppClient[]
  memory: FakeMemory
  /** Why it would have ended its process. */
  deaths: string[]
  connections: Connections
  stop(): Promise<void>
}

export interface WorkerScript {
  /** How many replicas have to confirm. */
  minReplicas?: number
  /** MB; none unless told. */
  limitMb?: number | null
  settings?: Partial<SessionSettings>
  /** Prepares every client before it is opened. */
  script?: (client: FakeWhatsAppClient) => void
  /** In place of a fake one. */
  createClient?: (sessionId: string, proxy: StoredProxy | null) => WhatsAppClient
}

const defaults: SessionSettings = {
  // So that a machine which stands still for some seconds ends no ownership.
  leaseTtlMs: 20_000,
  retentionMs: 3_600_000,
  eventBodies: true,
  historyMs: 0,
  qrTimeoutMs: 60_000,
  resendAfterCrash: 'never',
  pacing: unpaced,
  ackLimits,
  sendsGraceMs: 8_000,
  tracer: null,
}

/** Workers in this process, on a real Redis, with fake WhatsApp clients: everything of a worker but its browser. */
export class WorkerRig {
  readonly server: RedisServer
  readonly redis: Redis
  readonly whatsapp = new Map<string, FakeWhatsApp>()
  readonly profiles: ProfileFolder
  readonly #dataDir: string
  readonly #bull: Redis
  readonly #queues = new Map<string, Queue>()
  readonly #workers: RigWorker[] = []
  #count = 0
  #sequence = 0

  private constructor(server: RedisServer, dataDir: string) {
    this.server = server
    this.#dataDir = dataDir
    this.profiles = new ProfileFolder(dataDir)
    this.redis = connectPatiently(server.url)
    this.#bull = connectPatiently(server.url)
  }

  static async start(): Promise<WorkerRig> {
    const rig = new WorkerRig(await startRedis(), await mkdtemp(join(tmpdir(), 'worker-rig-')))
    await waitFor('the connection', () => rig.redis.status === 'ready')
    return rig
  }

  /** Stops the workers and forgets everything, for the next test. */
  async reset(): Promise<void> {
    for (const { stop } of this.#workers.splice(0)) await stop()
    for (const queue of this.#queues.values()) await queue.close()
    this.#queues.clear()
    this.whatsapp.clear()
    await rm(this.profiles.root, { recursive: true, force: true })
    await this.redis.flushall()
  }

  async close(): Promise<void> {
    await this.reset()
    this.redis.disconnect()
    this.#bull.disconnect()
    await this.server.stop()
    await rm(this.#dataDir, { recursive: true, force: true })
  }

  whatsappOf(sessionId: string): FakeWhatsApp {
    const known = this.whatsapp.get(sessionId) ?? new FakeWhatsApp()
    this.whatsapp.set(sessionId, known)
    return known
  }

  async startWorker({
    settings = {},
    limitMb = null,
    script = () => {},
    minReplicas = 0,
    createClient,
  }: WorkerScript = {}): Promise<RigWorker> {
    const workerId = `worker-${++this.#count}`
    const connections = openConnections(this.server.url, workerId, minReplicas)
    const clients: FakeWhatsAppClient[] = []
    const deaths: string[] = []
    const memory = new FakeMemory(limitMb)
    const worker = new Worker({
      workerId,
      settings: { ...defaults, ...settings },
      memory,
      profiles: this.profiles,
      connections,
      pool: { tell() {}, mayStart: async () => true },
      createClient: (sessionId, proxy) => {
        if (createClient !== undefined) return createClient(sessionId, proxy)
        const client = new FakeWhatsAppClient(this.whatsappOf(sessionId))
        clients.push(client)
        script(client)
        return client
      },
      die: (reason) => void deaths.push(reason),
      logger: createLogger(workerId, process.env.LOG_LEVEL ?? 'silent'),
    })
    const over = worker.start()
    const rigWorker: RigWorker = {
      worker,
      workerId,
      clients,
      memory,
      deaths,
      connections,
      stop: async () => {
        await worker.stop()
        await over
        connections.close()
      },
    }
    this.#workers.push(rigWorker)
    return rigWorker
  }

  /** Redis takes the lease away, so that the worker drops everything where it stands: nothing more is written. */
  async crash(worker: RigWorker, sessionId: string): Promise<void> {
    await this.redis.del(keys.lease(sessionId))
    await this.untilNoticed(worker, sessionId)
  }

  /** Waits until a worker whose lease is gone has noticed that. */
  async untilNoticed(worker: RigWorker, sessionId: string): Promise<void> {
    await this.notify(sessionId, 'desired_state') // it asks at once instead of at its next renewal
    await waitFor('the worker to notice', () => worker.deaths.length > 0)
  }

  /** What `GET /qr` or a restore does, with the placement that the reconciler would add. */
  async want(sessionId: string, fields: SessionFields = {}): Promise<void> {
    await desireSession(this.redis, { sessionId, wish: 'create', maxUnpaired: 99 })
    await this.redis.hset(keys.session(sessionId), { createdAt: '1', ...fields })
    await this.place(sessionId)
  }

  async place(sessionId: string): Promise<void> {
    const queue = this.queue(queues.placement)
    const jobId = placementJobId(sessionId)
    // One that a worker has not put down yet would swallow this one.
    await waitFor('an earlier placement', async () => (await queue.getJobState(jobId)) !== 'active')
    const options = { jobId, priority: 1, removeOnComplete: true, removeOnFail: true }
    await queue.add('place', { sessionId }, options)
  }

  queue(name: string): Queue {
    const known = this.#queues.get(name)
    if (known !== undefined) return known
    const queue = new Queue(name, { connection: this.#bull, prefix: QUEUE_PREFIX })
    queue.on('error', () => {})
    this.#queues.set(name, queue)
    return queue
  }

  /** Accepts a message as the gateway does. @returns its id */
  async send(
    sessionId: string,
    to: string,
    text: string,
    { account, ...more }: Partial<NewMessageRecord> & { account?: string } = {},
  ): Promise<string> {
    const id = `3EB0${String(++this.#sequence).padStart(18, '0')}`
    await acceptMessage(this.redis, {
      record: {
        id,
        sessionId,
        to,
        recipient: recipientKey(to),
        content: { type: 'text', text, linkPreview: true, mentions: [] },
        expiresAt: Date.now() + 600_000,
        waiter: 'gateway',
        ...more,
      },
      idempotency: null,
      maxQueued: 10_000,
      retentionMs: 3_600_000,
      isJudged: true,
    })
    if (account !== undefined) await this.redis.hset(keys.message(sessionId, id), 'account', account)
    return id
  }

  /** Cancels a message as the gateway does. */
  async cancel(sessionId: string, messageId: string): Promise<void> {
    await moveMessage(this.redis, {
      sessionId,
      messageId,
      to: 'canceled',
      from: ['queued'],
      retentionMs: 3_600_000,
    })
  }

  /** Tells the owner that something about its queue has changed, and waits until it has taken it in. */
  async queueSettingsChanged(sessionId: string): Promise<void> {
    const looks = await this.server.watch()
    // The second look begins when what the first one found is in force.
    for (let seen = 0; seen < 2; seen++) {
      await this.notify(sessionId, 'queue_settings')
      await waitFor(
        'a look',
        () => looks.lines.filter((line) => line.includes('unackedRestarts')).length > seen,
      )
    }
    looks.end()
  }

  async notify(sessionId: string, word: SessionNotification): Promise<void> {
    await this.redis.publish(keys.notifications(sessionId), word)
  }

  async record(sessionId: string, messageId: string): Promise<MessageRecord> {
    const record = fromHash(await this.redis.hgetall(keys.message(sessionId, messageId)))
    if (record === null) throw new Error('there is no such record')
    return record
  }

  async view(sessionId: string): Promise<SessionView> {
    return viewSession(await readSnapshot(this.redis, sessionId))
  }

  /** How long a session that was let go of rests before it may be taken again, in ms. */
  async restOf(sessionId: string): Promise<number> {
    await waitFor('it to be let go', async () => (await this.redis.exists(keys.lease(sessionId))) === 0)
    const letGoAt = Number(await this.redis.hget(keys.session(sessionId), 'updatedAt'))
    return Number(await this.redis.zscore(keys.desired, sessionId)) - letGoAt
  }

  /** The events of the session's history, the oldest first. */
  async history(sessionId: string): Promise<string[]> {
    return (await readHistory(this.redis, sessionId)).map(({ event }) => event).reverse()
  }

  async untilView(sessionId: string, status: string, reason?: string): Promise<SessionView> {
    return await waitFor(`${sessionId} to be ${status} ${reason ?? ''}`, async () => {
      const view = await this.view(sessionId)
      return view.status === status && (reason === undefined || view.reason === reason) && view
    })
  }

  async untilState(sessionId: string, messageId: string, state: string): Promise<MessageRecord> {
    return await waitFor(`${messageId} to be ${state}`, async () => {
      const record = await this.record(sessionId, messageId)
      return record.state === state && record
    })
  }

  /** A session whose profile holds a login, known and wanted. */
  async wantPaired(sessionId: string, fields: SessionFields = {}): Promise<FakeWhatsApp> {
    const whatsapp = this.whatsappOf(sessionId)
    whatsapp.account = ACCOUNT
    await this.makeProfile(sessionId)
    await this.want(sessionId, { savedLogin: '1', account: ACCOUNT, ...fields })
    return whatsapp
  }

  /** Starts a worker that owns a session whose profile holds a login, and waits until that is ready. */
  async ready(script: WorkerScript = {}, sessionId = 'sales'): Promise<[RigWorker, FakeWhatsApp]> {
    const worker = await this.startWorker(script)
    const whatsapp = await this.wantPaired(sessionId)
    await this.untilView(sessionId, 'ready')
    return [worker, whatsapp]
  }

  async makeProfile(sessionId: string): Promise<void> {
    await mkdir(join(this.profiles.pathOf(sessionId), 'Default'), { recursive: true })
  }
}
