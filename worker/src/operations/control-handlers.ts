import type { ControlJobName } from '@wsg/shared/operations/control-jobs.ts'
import type { ControlHandler } from './control-handler.ts'
import { pairingRequest } from './pairing-request.ts'
import { qrGet } from './qr-get.ts'
import { screenshotTake } from './screenshot-take.ts'
import { sessionRestart } from './session-restart.ts'
import { statusProbe } from './status-probe.ts'

/** One handler per job: a job that has none does not compile. */
export const controlHandlers: { [N in ControlJobName]: ControlHandler<N> } = {
  'qr.get': qrGet,
  'status.probe': statusProbe,
  'pairing.request': pairingRequest,
  'screenshot.take': screenshotTake,
  'session.restart': sessionRestart,
}
