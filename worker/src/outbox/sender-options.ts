import type { SendParts } from './deliver-message.ts'
import type { DispatcherParts } from './dispatcher.ts'
import type { QueueNotifications } from './queue-notifications.ts'

export interface SenderOptions
  extends Omit<SendParts, 'acks'>,
    Pick<DispatcherParts, 'pacing' | 'ackLimits' | 'report' | 'onUnacked'> {
  arrivals: QueueNotifications
  resendAfterCrash: 'never' | 'same-id'
  /** The client did not do what it must: this ownership has to end as a fault. */
  onClientSuspect(detail: string): void
}
