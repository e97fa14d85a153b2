import type { NewEvent } from '@wsg/shared/redis/event/append-events.ts'

/** An event as the page gave it. */
export interface HeardEvent extends NewEvent {
  /** When it was done, in unix seconds, where the page also tells of what was done before the account was paired. */
  doneAt?: number
  /** It is how a chat is now, which the page tells of each chat when the account is paired. */
  isState?: true
}
