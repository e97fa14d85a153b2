import type { NumberChecks } from '../operations/number-checks.ts'
import type { WhatsAppClient } from '../whatsapp/whatsapp-client.ts'
import type { SessionMachine } from './session-machine.ts'
import type { SessionMemory } from './session-memory.ts'

/** What the handlers of operations may see and do. */
export interface SessionAccess {
  readonly machine: SessionMachine
  /** Null until the browser is started for the first time. */
  readonly client: WhatsAppClient | null
  readonly numbers: NumberChecks
  /** Of this worker and its browser. */
  readonly memory: Pick<SessionMemory, 'lastMb'>
  /** Ends this ownership so that another one begins. */
  restart(): void
}
