import { ControlFailure } from './control-failure.ts'
import type { ControlHandler } from './control-handler.ts'

/** Asks WhatsApp for a code to type into the phone, as soon as the page is ready to pair. */
export const pairingRequest: ControlHandler<'pairing.request'> = async (
  session,
  { phoneNumber },
  deadline,
) => {
  const { machine } = session
  const settled = () => machine.status === 'waiting_qr' || machine.status === 'ready'
  await machine.until(settled, deadline - Date.now())
  if (machine.status === 'ready') throw new ControlFailure('already_paired', 'the session is logged in')
  if (machine.status !== 'waiting_qr' || session.client === null) {
    throw new ControlFailure('worker_timeout', 'WhatsApp Web was not ready to pair in time')
  }
  const code = await session.client.requestPairingCode(phoneNumber)
  machine.pairingCodeGiven(code.expiresAt)
  return code
}
