import type { WhatsAppClient, WhatsAppClientEvents } from '../whatsapp/whatsapp-client.ts'

/** What a session does about each event of its client: one that is forgotten does not compile. */
export type ClientReactions = {
  [E in keyof WhatsAppClientEvents]: (...args: WhatsAppClientEvents[E]) => void
}

export interface ListenOptions {
  /** True once the ownership ends: acks still count, since what is in flight waits for them; nothing else does. */
  ending(): boolean
  /** Called after every event that counted. */
  after(): void
}

export function listenToClient(
  client: WhatsAppClient,
  reactions: ClientReactions,
  { ending, after }: ListenOptions,
): void {
  for (const event of Object.keys(reactions) as (keyof WhatsAppClientEvents)[]) {
    const react = reactions[event] as (...args: unknown[]) => void
    client.events.on(event, (...args: unknown[]) => {
      if (ending() && event !== 'ack') return
      react(...args)
      after()
    })
  }
}
