import type { OperationInput, OperationName, OperationOutput } from '@wsg/shared/operations/operations.ts'
import type { SessionMachine } from '../session/session-machine.ts'
import type { SessionMemory } from '../session/session-memory.ts'
import { OperationRefused } from '../whatsapp/client-errors.ts'
import type { WhatsAppClient } from '../whatsapp/whatsapp-client.ts'
import type { NumberChecks } from './number-checks.ts'
import type { Reads } from './reads.ts'

/** What the handlers of operations may see and do. */
export interface SessionAccess {
  readonly machine: SessionMachine
  /** Null until the browser is started for the first time. */
  readonly client: WhatsAppClient | null
  readonly numbers: NumberChecks
  readonly reads: Reads
  /** Of this worker and its browser. */
  readonly memory: Pick<SessionMemory, 'lastMb'>
  /** Ends this ownership so that another one begins. */
  restart(): void
}

/**
 * Carries out one operation. `deadline` (epoch ms, this machine's clock) is when its caller stops waiting.
 * @throws OperationRefused, or an error of the client
 */
export type Handler<N extends OperationName> = (
  session: SessionAccess,
  input: OperationInput<N>,
  deadline: number,
) => Promise<OperationOutput<N>>

/** @throws OperationRefused where the browser is not started yet */
export function clientOf({ client }: SessionAccess): WhatsAppClient {
  if (client === null) throw new OperationRefused('worker_failed', 'The browser is not started yet.')
  return client
}
