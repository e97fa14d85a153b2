import { acts } from './acts.ts'
import { calls } from './calls.ts'
import { chatChanges } from './chats.ts'
import { messages } from './messages.ts'

/** Everything that is listened to of chats, by what it is for. */
export const pageListeners = { ...messages, ...acts, ...chatChanges, ...calls } as const
