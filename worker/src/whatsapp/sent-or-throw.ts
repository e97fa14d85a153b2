import { NotHandedOver, SendDeadlinePassed } from './client-errors.ts'
import type { PageSendOutcome } from './page/send-text.ts'

/**
 * What the page said about a hand-over, in the port's terms.
 * @throws SendDeadlinePassed, NotHandedOver where it was certainly not sent, another error where that is open
 */
export function sentOrThrow(outcome: PageSendOutcome): { messageId: string; lid?: string } {
  switch (outcome.outcome) {
    case 'handed_over':
      return { messageId: outcome.messageId, ...(outcome.lid && { lid: outcome.lid }) }
    case 'late':
      throw new SendDeadlinePassed('The deadline was over before the page could take the message.')
    case 'refused':
      throw new NotHandedOver(outcome.code, outcome.detail)
    case 'uncertain':
      throw new Error(`The page threw after it took the message over: ${outcome.detail}`)
  }
}
