import type { ControlJobName } from '@wsg/shared/control-jobs.ts'
import type { ControlHandler } from './control-handler.ts'
import { pairingRequest } from './handlers/pairing-request.ts'
import { qrGet } from './handlers/qr-get.ts'
import { queueCheck } from './handlers/queue-check.ts'
import { screenshotTake } from './handlers/screenshot-take.ts'
import { sessionRestart } from './handlers/session-restart.ts'
import { statusProbe } from './handlers/status-probe.ts'
import { wishCheck } from './handlers/wish-check.ts'

/** One handler per job: a job that has none does not compile. */
export const controlHandlers: { [N in ControlJobName]: ControlHandler<N> } = {
  'qr.get': qrGet,
  'status.probe': statusProbe,
  'pairing.request': pairingRequest,
  'screenshot.take': screenshotTake,
  'wish.check': wishCheck,
  'queue.check': queueCheck,
  'session.restart': sessionRestart,
}
