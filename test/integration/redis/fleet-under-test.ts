import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLogger } from '@wsg/shared/logger.ts'
import { redisAddress } from '@wsg/shared/redis/connection/redis-address.ts'
import { openConnections } from '@wsg/worker/src/connections.ts'
import { ProfileFolder } from '@wsg/worker/src/session/profile-folder.ts'
import { sessionSettings } from '@wsg/worker/src/session/session-settings.ts'
import { Worker } from '@wsg/worker/src/worker.ts'
import { readWorkerConfig } from '@wsg/worker/src/worker-config.ts'
import { FakeWhatsApp, FakeWhatsAppClient } from '../../support/fake-whatsapp-client.ts'
import { waitFor } from '../../support/wait-for.ts'
import { GatewayUnderTest } from '../gateway/gateway-under-test.ts'
import { FakeMemory } from '../worker/fake-memory.ts'

/**
 * A real gateway and real workers in this process, told of Redis by the variables that an operator would set. Only
 * WhatsApp is a fake.
 */
export class FleetUnderTest {
  readonly gateway: GatewayUnderTest
  readonly whatsapp = new Map<string, FakeWhatsApp>()
  /** Every client that was made, the newest last. */
  readonly clients: FakeWhatsAppClient[] = []
  /** Why workers would have ended their processes. */
  readonly deaths: string[] = []
  readonly #dataDir: string
  readonly #environment: Record<string, string>
  readonly #stops: (() => Promise<void>)[] = []

  private constructor(gateway: GatewayUnderTest, dataDir: string, environment: Record<string, string>) {
    this.gateway = gateway
    this.#dataDir = dataDir
    this.#environment = environment
  }

  /**
   * @param sessions whose profiles hold a login; each gets a worker
   * @param forWorkers what they are told, where it differs from what the gateway is
   */
  static async start(
    environment: Record<string, string>,
    sessions: string[],
    forWorkers = environment,
  ): Promise<FleetUnderTest> {
    const dataDir = await mkdtemp(join(tmpdir(), 'fleet-'))
    const gateway = await GatewayUnderTest.start(environment.REDIS_URL ?? '', environment)
    const fleet = new FleetUnderTest(gateway, dataDir, forWorkers)
    const profiles = new ProfileFolder(dataDir)
    for (const session of sessions) {
      await mkdir(join(profiles.pathOf(session), 'Default'), { recursive: true })
      const whatsapp = new FakeWhatsApp()
      whatsapp.account = '5511900000000'
      fleet.whatsapp.set(session, whatsapp)
      fleet.#startWorker(profiles)
    }
    for (const session of sessions) await fleet.untilState(session, 'ready')
    return fleet
  }

  async untilState(session: string, status: string): Promise<void> {
    await waitFor(`${session} to be ${status}`, async () => {
      const { body } = await this.gateway.get('/status', session)
      return body.status === status
    })
  }

  /** The ids of the messages that reached WhatsApp, in that order, with repeats. */
  handedOver(session: string): string[] {
    return this.whatsapp.get(session)?.handedOver.map(({ messageId }) => messageId) ?? []
  }

  async stop(): Promise<void> {
    await Promise.all(this.#stops.map((stop) => stop()))
    await this.gateway.close()
    await rm(this.#dataDir, { recursive: true, force: true })
  }

  #startWorker(profiles: ProfileFolder): void {
    const config = readWorkerConfig({ PACING: 'off', ...this.#environment, DATA_DIR: this.#dataDir })
    const workerId = `worker-${this.#stops.length + 1}`
    const connections = openConnections(redisAddress(config), workerId, config.REDIS_MIN_REPLICAS)
    const worker = new Worker({
      workerId,
      settings: sessionSettings(config, null),
      memory: new FakeMemory(null),
      profiles,
      connections,
      pool: { tell() {}, mayStart: async () => true },
      createClient: (session) => {
        const client = new FakeWhatsAppClient(this.whatsapp.get(session))
        this.clients.push(client)
        return client
      },
      die: (reason) => void this.deaths.push(reason),
      logger: createLogger(workerId, process.env.LOG_LEVEL ?? 'silent'),
    })
    const over = worker.start()
    this.#stops.push(async () => {
      await worker.stop()
      await over
      connections.close()
    })
  }
}
