import type { ControlJobName, ControlPayload, ControlResult } from '@wsg/shared/operations/control-jobs.ts'
import type { SessionAccess } from '../session/session-access.ts'

/**
 * Does one control job. `deadline` (epoch ms) is when its caller stops waiting.
 * @throws ControlFailure, or an error of the client
 */
export type ControlHandler<N extends ControlJobName> = (
  session: SessionAccess,
  payload: ControlPayload<N>,
  deadline: number,
) => Promise<ControlResult<N>>
