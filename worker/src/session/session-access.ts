import type { WhatsAppClient } from '../whatsapp/whatsapp-client.ts'
import type { SessionMachine } from './session-machine.ts'

/** What the handlers of control jobs may see and do. */
export interface SessionAccess {
  readonly machine: SessionMachine
  /** Null until the browser is started for the first time. */
  readonly client: WhatsAppClient | null
  /** The last measured memory of this worker and its browser, in MB; null before the first measurement. */
  readonly memoryMb: number | null
  /** Asks Redis whether the session should still run. Resolves when it answered. */
  checkWish(): Promise<void>
  /** Ends this ownership so that another one begins. */
  restart(): void
}
