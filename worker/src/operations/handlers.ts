import type { OperationName } from '@wsg/shared/operations/operations.ts'
import type { Handler } from './handler.ts'
import { sessionHandlers } from './session-handlers.ts'

/** One handler per operation: an operation that has none does not compile. */
export const handlers: { [N in OperationName]: Handler<N> } = { ...sessionHandlers }
