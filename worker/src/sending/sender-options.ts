import type { SendParts } from '../session/handlers/send-message.ts'
import type { Arrivals } from './arrivals.ts'
import type { DeparturesParts } from './departures.ts'

export interface SenderOptions
  extends Omit<SendParts, 'acks'>,
    Pick<DeparturesParts, 'pacing' | 'ackLimits' | 'report' | 'onUnacked'> {
  arrivals: Arrivals
  resendAfterCrash: 'never' | 'same-id'
  /** The client did not do what it must: this ownership has to end as a fault. */
  onClientSuspect(detail: string): void
}
