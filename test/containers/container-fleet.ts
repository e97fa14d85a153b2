import { randomBytes } from 'node:crypto'
import { ApiClient } from '../support/api-client.ts'
import { pair } from '../support/pair.ts'
import { reservePort } from '../support/reserve-port.ts'
import { SimulatorClient } from '../support/simulator-client.ts'
import { waitFor } from '../support/wait-for.ts'
import { Compose } from './compose.ts'
import { inspect } from './docker.ts'

export const TOKEN = 'token-of-the-container-suite'

/**
 * Outlasts a restart of Redis, and a worker that gets no processor for a while, on a machine that is busy: for where no
 * session is to be taken from its worker. One that is let go of, or whose worker is known to be dead, does not wait for it.
 */
export const LONG_LEASE = { LEASE_TTL_MS: '60000' }

/** The services that users run, scaled, with a simulated WhatsApp beside them. */
export class ContainerFleet {
  readonly compose: Compose
  readonly gateways: ApiClient[]
  readonly simulator: SimulatorClient

  private constructor(compose: Compose, gateways: ApiClient[], simulator: SimulatorClient) {
    this.compose = compose
    this.gateways = gateways
    this.simulator = simulator
  }

  /**
   * @param tokenFile where the token comes from a file instead of the environment
   * @param env more variables of the compose file
   */
  static async start({ workers = 3, gateways = 2, tokenFile = '', env = {} } = {}): Promise<ContainerFleet> {
    const first = await reservePort(gateways + 1)
    const last = first + gateways - 1
    const token = tokenFile === '' ? { API_TOKEN: TOKEN } : { API_TOKEN: '', API_TOKEN_FILE: tokenFile }
    const compose = new Compose(
      `wsg-${randomBytes(4).toString('hex')}`,
      ['docker-compose.yml', 'test/containers/compose.yml'],
      { ...env, ...token, PORT: `${first}-${last}`, SIMULATOR_PORT: String(last + 1) },
    )
    const clients = Array.from(
      { length: gateways },
      (_, n) => new ApiClient(`http://127.0.0.1:${first + n}`, TOKEN),
    )
    const fleet = new ContainerFleet(compose, clients, SimulatorClient.at(`http://127.0.0.1:${last + 1}`))
    try {
      await fleet.up({ workers })
    } catch (error) {
      await fleet.close()
      throw error
    }
    return fleet
  }

  get api(): ApiClient {
    return this.gateways[0] as ApiClient
  }

  /** `up --scale`, and waits until every gateway answers and knows of every worker. */
  async up({ workers }: { workers: number }): Promise<void> {
    const scale = ['--scale', `gateway=${this.gateways.length}`, '--scale', `worker=${workers}`]
    await this.compose.run('up', '-d', '--no-build', ...scale, 'gateway', 'worker', 'simulator')
    await this.untilWorkers(workers)
  }

  async untilWorkers(total: number): Promise<void> {
    for (const api of this.gateways)
      await waitFor(
        `${total} workers to be known`,
        async () => {
          const { body } = await api.get('/health')
          if ((body.workers as { total?: number } | undefined)?.total === total) return true
          throw new Error(JSON.stringify(body))
        },
        { timeoutMs: 60_000, everyMs: 200 },
      )
  }

  /** The container of the worker that owns a session: a worker's id begins with its host name, which is the container's id. */
  async workerOf(session: string): Promise<string> {
    const { body } = await this.api.get('/status', session)
    if (typeof body.worker !== 'string') throw new Error(`nobody owns ${session}: ${JSON.stringify(body)}`)
    return (await inspect(body.worker.split('-', 1)[0] as string)).Id
  }

  /** Asks for a QR, lets `phone` scan it, and waits until the session is ready. */
  async pair(session: string, phone: string): Promise<void> {
    await pair(this, session, phone)
  }

  /**
   * Waits until the session is ready again, and fails where it asked for a scan on the way.
   * @returns how long that took (ms)
   */
  async untilBack(session: string, { since = performance.now(), not = '' } = {}): Promise<number> {
    const back = await waitFor(
      `session ${session} to be back`,
      async () => {
        const { body } = await this.api.get('/status', session)
        if (body.status === 'waiting_qr') return body
        if (body.status === 'ready' && body.worker !== not) return body
        throw new Error(JSON.stringify(body))
      },
      { timeoutMs: 90_000, everyMs: 100 },
    )
    if (back.status !== 'ready') throw new Error(`session ${session} wants to be scanned again`)
    return performance.now() - since
  }

  /**
   * Waits for the outcome of an accepted message, for which `/send` may not wait long enough on a busy machine.
   * @returns WhatsApp's id of it
   */
  async untilSent(session: string, id: string): Promise<string> {
    return await waitFor(`${id} to be sent`, async () => {
      const { body } = await this.api.get(`/messages/${id}`, session)
      if (['sent', 'delivered', 'read'].includes(String(body.status))) return String(body.messageId)
      throw new Error(JSON.stringify(body))
    })
  }

  async close(): Promise<void> {
    await this.compose.remove()
  }
}
