import type { ControlHandler } from './control-handler.ts'

/** Waits until there is a code to scan, or none will be needed: a login, or the end of this ownership. */
export const qrGet: ControlHandler<'qr.get'> = async ({ machine }, { waitMs }, deadline) => {
  const limitMs = Math.min(waitMs, deadline - Date.now())
  await machine.until(() => machine.qr !== null || machine.status === 'ready', limitMs)
  return { qr: machine.qr }
}
