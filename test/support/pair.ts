import type { ApiClient } from './api-client.ts'
import type { SimulatorClient } from './simulator-client.ts'
import { waitFor } from './wait-for.ts'

/** Asks for a QR, lets `phone` scan it, and waits until the session is ready. */
export async function pair(
  { api, simulator }: { api: ApiClient; simulator: SimulatorClient },
  session: string,
  phone: string,
): Promise<void> {
  await waitFor(`a code for ${session} to be scanned`, async () => {
    const { body } = await api.get('/qr', session)
    if (typeof body.code !== 'string') throw new Error(JSON.stringify(body))
    // Refused where another code has taken its place meanwhile.
    await simulator.scan({ qr: body.code, phone })
    return true
  })
  await api.until(session, 'ready')
}
