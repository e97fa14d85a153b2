import type { OperationInput, OperationName, OperationOutput } from '@wsg/shared/operations/operations.ts'
import type { SessionAccess } from '../session/session-access.ts'

/**
 * Carries out one operation. `deadline` (epoch ms, this machine's clock) is when its caller stops waiting.
 * @throws OperationRefused, or an error of the client
 */
export type Handler<N extends OperationName> = (
  session: SessionAccess,
  input: OperationInput<N>,
  deadline: number,
) => Promise<OperationOutput<N>>
