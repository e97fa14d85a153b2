import { OperationRefused } from '../whatsapp/client-errors.ts'
import { clientOf, type Handler } from './handler.ts'

/** What concerns the session itself, whether or not WhatsApp Web is logged in. */
export const sessionHandlers = {
  'status.probe': async ({ machine, client, memory }) => {
    const isLoaded = client !== null && machine.reason !== 'starting' && machine.reason !== 'profile_in_use'
    // Before there is a page, this is WhatsApp Web's own word for that.
    return { connection: isLoaded ? await client.probe() : 'OPENING', memoryMb: memory.lastMb }
  },

  'pairing.request': async (session, { phoneNumber }, deadline) => {
    const { machine } = session
    const isSettled = () => machine.status === 'waiting_qr' || machine.status === 'ready'
    await machine.until(isSettled, deadline - Date.now())
    if (machine.status === 'ready') throw new OperationRefused('already_paired')
    if (machine.status !== 'waiting_qr')
      throw new OperationRefused('worker_timeout', 'WhatsApp Web was not ready to pair in time.')
    const code = await clientOf(session).requestPairingCode(phoneNumber)
    machine.pairingCodeGiven(code.expiresAt)
    return code
  },

  'screenshot.take': async (session) => ({
    png: (await clientOf(session).screenshot()).toString('base64'),
  }),

  'session.restart': async (session) => {
    session.restart()
    return {}
  },
} satisfies { [N in SessionOperation]: Handler<N> }

type SessionOperation = 'status.probe' | 'pairing.request' | 'screenshot.take' | 'session.restart'
