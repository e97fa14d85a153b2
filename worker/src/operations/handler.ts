import type { OperationInput, OperationName, OperationOutput } from '@wsg/shared/operations/operations.ts'
import type { SessionAccess } from '../session/session-access.ts'
import { OperationRefused } from '../whatsapp/client-errors.ts'
import type { WhatsAppClient } from '../whatsapp/whatsapp-client.ts'

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
