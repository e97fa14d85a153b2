import type { SessionNotifications } from '../session-notifications.ts'
import type { SendParts } from './deliver-message.ts'
import type { DispatcherParts } from './dispatcher.ts'

export interface SenderOptions
  extends Omit<SendParts, 'acks'>,
    Pick<DispatcherParts, 'pacing' | 'ackLimits' | 'report' | 'onUnacked'> {
  notifications: SessionNotifications
  resendAfterCrash: 'never' | 'same-id'
  /** The client did not do what it must: this ownership has to end as a fault. */
  onClientSuspect(detail: string): void
}
