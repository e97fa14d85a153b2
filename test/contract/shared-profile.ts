import type { WhatsAppClient } from '@wsg/worker/src/whatsapp/whatsapp-client.ts'
import { waitFor } from '../support/wait-for.ts'
import type { Arrival, ClientHarness } from './client-harness.ts'
import { nextEvent } from './client-steps.ts'

/**
 * One profile for the tests of a file, and its newest client. A browser costs more than most tests, so that a test goes on with
 * the client that the one before has left open. Tests are kept apart by whom they write to.
 */
export class SharedProfile {
  readonly name = 'shared'
  readonly harness: ClientHarness
  /** The account that is paired. */
  readonly phone: string
  #newest: WhatsAppClient | undefined

  constructor(harness: ClientHarness, phone: string) {
    this.harness = harness
    this.phone = phone
  }

  /** The client that is open, or else the next one; it is paired, and connected. */
  async open(): Promise<WhatsAppClient> {
    const newest = this.#newest
    const state = await newest?.probe().catch(() => undefined)
    if (newest !== undefined && state !== undefined) {
      await waitFor('its connection', async () => (await newest.probe()) === 'CONNECTED')
      return newest
    }
    await newest?.close()
    const client = this.nextClient()
    const ready = nextEvent(client, 'ready')
    client.events.once('qr', (qr) => void this.harness.scan(qr, this.phone))
    await client.open()
    await ready
    return client
  }

  /** Takes the place of the newest client, which has ended. It is not open yet. */
  nextClient(): WhatsAppClient {
    this.#newest = this.client()
    return this.#newest
  }

  /** One beside the newest, not open yet. */
  client(): WhatsAppClient {
    return this.harness.client(this.name)
  }

  /** The phone scans the code that the newest client shows. Resolves when that is ready. */
  async scan(qr: string): Promise<void> {
    if (this.#newest === undefined) throw new Error('no client shows a code')
    const ready = nextEvent(this.#newest, 'ready')
    await this.harness.scan(qr, this.phone)
    await ready
  }

  /** What the server got for a number, in order, with repeats, once it is at least so many. */
  async arrivalsAt(number: string, count = 0): Promise<Arrival[]> {
    return await waitFor(`${count} messages to ${number} at the server`, async () => {
      const arrived = (await this.harness.arrivals(this.phone)).filter(
        ({ to }) => to.split('@')[0] === number,
      )
      return arrived.length >= count && arrived
    })
  }
}
