import { NotHandedOver, PageNotReached, SendDeadlinePassed } from './client-errors.ts'
import type { PageSendOutcome } from './page/send-message.ts'

/**
 * What the page said about a hand-over, in the port's terms.
 * @throws SendDeadlinePassed, PageNotReached, NotHandedOver where it was certainly not sent, another error where that is open
 */
export function sentOrThrow(outcome: PageSendOutcome): { messageId: string; lid?: string } {
  switch (outcome.outcome) {
    case 'handed_over':
      return { messageId: outcome.messageId, ...(outcome.lid && { lid: outcome.lid }) }
    case 'late':
      throw new SendDeadlinePassed('The deadline was over before the page could take the message.')
    case 'not_reached':
      throw new PageNotReached('The page was loaded anew before it was given the message.')
    case 'refused':
      throw new NotHandedOver(outcome.code, outcome.detail)
    case 'uncertain':
      throw new Error(`The page threw after it took the message over: ${outcome.detail}`)
  }
}
