import { eventList } from '@wsg/shared/events/events.ts'
import { messageStateSentences, messageStates } from '@wsg/shared/messages/message-lifecycle.ts'
import { sessionStatuses } from '@wsg/shared/sessions/session-lifecycle.ts'

/** What the page has to know of the contract and of this gateway before anybody has signed in. */
export interface Facts {
  sessionStatuses: readonly string[]
  /** With a sentence each. */
  messageStates: { name: string; sentence: string }[]
  events: { name: string; sentence: string }[]
  /** True in the sandbox: a simulated phone can scan, and write. */
  hasSimulatedPhones: boolean
}

export function factsOf(hasSimulatedPhones: boolean): Facts {
  return {
    sessionStatuses: sessionStatuses.filter((status) => status !== 'not_found'),
    messageStates: messageStates.map((name) => ({ name, sentence: messageStateSentences[name] })),
    events: eventList.map(({ name, sentence }) => ({ name, sentence })),
    hasSimulatedPhones,
  }
}
