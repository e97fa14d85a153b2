import type { ApiClient } from './api-client.ts'
import type { SimulatorClient } from './simulator-client.ts'
import { waitFor } from './wait-for.ts'

/** Asks for a QR, lets `phone` scan it, and waits until the session is ready. */
export async function pair(
  { api, simulator }: { api: ApiClient; simulator: SimulatorClient },
  session: string,
  phone: string,
): Promise<void> {
  const { body } = await waitFor(`a code for ${session}`, async () => {
    const answer = await api.get('/qr', session)
    return typeof answer.body.code === 'string' && answer
  })
  await simulator.scan({ qr: String(body.code), phone })
  await api.until(session, 'ready')
}
