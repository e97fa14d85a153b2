import { on, once } from 'node:events'
import type { AckedState } from '@wsg/shared/messages/message-lifecycle.ts'
import type {
  Account,
  WhatsAppClient,
  WhatsAppClientEvents,
} from '@wsg/worker/src/whatsapp/whatsapp-client.ts'
import { waitFor } from '../support/wait-for.ts'
import type { ClientHarness } from './client-harness.ts'

const EVENT_LIMIT_MS = 120_000

/** The next event of that name. Ask before doing what causes it. */
export async function nextEvent<Name extends keyof WhatsAppClientEvents>(
  client: WhatsAppClient,
  name: Name,
): Promise<WhatsAppClientEvents[Name]> {
  const limit = AbortSignal.timeout(EVENT_LIMIT_MS)
  try {
    return (await once(client.events, name, { signal: limit })) as WhatsAppClientEvents[Name]
  } catch (error) {
    throw limit.aborted ? new Error(`no event '${name}' within ${EVENT_LIMIT_MS} ms`) : error
  }
}

/** The next state that a client tells of a message, whatever it tells of others. Ask before doing what causes it. */
export async function nextAck(client: WhatsAppClient, messageId: string): Promise<AckedState> {
  const signal = AbortSignal.timeout(EVENT_LIMIT_MS)
  for await (const [id, state] of on(client.events, 'ack', { signal })) if (id === messageId) return state
  throw new Error('the events ended')
}

/** Opens a client on a profile without a login and scans its code. */
export async function pair(harness: ClientHarness, client: WhatsAppClient, phone: string): Promise<Account> {
  const code = nextEvent(client, 'qr')
  const ready = nextEvent(client, 'ready')
  await client.open()
  await harness.scan((await code)[0], phone)
  return (await ready)[0]
}

/** Opens a client on a profile with a login. */
export async function restore(client: WhatsAppClient): Promise<Account> {
  const ready = nextEvent(client, 'ready')
  await client.open()
  return (await ready)[0]
}

/** Gathers everything that a client says from now on, as `name` and arguments. */
export function record(client: WhatsAppClient): { name: string; args: unknown[] }[] {
  const said: { name: string; args: unknown[] }[] = []
  const names: (keyof WhatsAppClientEvents)[] = [
    'qr',
    'pairingCode',
    'authenticated',
    'ready',
    'connection',
    'reloaded',
    'ack',
    'loggedOut',
    'fault',
  ]
  for (const name of names) client.events.on(name, (...args: unknown[]) => said.push({ name, args }))
  return said
}

/** Waits until the server has so many messages of an account. */
export async function arrivalsOf(harness: ClientHarness, account: string, count: number) {
  return await waitFor(`${count} messages at the server`, async () => {
    const arrived = await harness.arrivals(account)
    return arrived.length >= count && arrived
  })
}
