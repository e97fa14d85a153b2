import type { ControlJobName, ControlPayload, ControlResult } from '@wsg/shared/control-jobs.ts'
import { pairingRequest } from './handlers/pairing-request.ts'
import { qrGet } from './handlers/qr-get.ts'
import { screenshotTake } from './handlers/screenshot-take.ts'
import { sessionRestart } from './handlers/session-restart.ts'
import { statusProbe } from './handlers/status-probe.ts'
import { wishCheck } from './handlers/wish-check.ts'
import type { SessionAccess } from './session-access.ts'

/**
 * Does one control job. `deadline` (epoch ms) is when its caller stops waiting.
 * @throws ControlFailure, or an error of the client
 */
export type ControlHandler<N extends ControlJobName> = (
  session: SessionAccess,
  payload: ControlPayload<N>,
  deadline: number,
) => Promise<ControlResult<N>>

/** One handler per job: a job that has none does not compile. */
export const controlHandlers: { [N in ControlJobName]: ControlHandler<N> } = {
  'qr.get': qrGet,
  'status.probe': statusProbe,
  'pairing.request': pairingRequest,
  'screenshot.take': screenshotTake,
  'wish.check': wishCheck,
  'session.restart': sessionRestart,
}
