import type { HandOver, PageGlobals } from '../page-globals.ts'

/**
 * Runs in the page, in the turn that hands a message to WhatsApp: the last look at its deadline and at the connection,
 * because WhatsApp Web would keep the message and send it when it is connected again.
 * @throws where it is not to be sent now; else WhatsApp has it from this turn on
 */
export function takeOver(handOver: HandOver): void {
  if (handOver.stage === 'late' || Date.now() > handOver.deadline) {
    handOver.stage = 'late'
    throw new Error('the deadline is over')
  }
  if ((window as unknown as PageGlobals).require('WAWebSocketModel').Socket.state !== 'CONNECTED') {
    handOver.stage = 'offline'
    throw new Error('WhatsApp is not connected')
  }
  handOver.stage = 'handed_over'
}
