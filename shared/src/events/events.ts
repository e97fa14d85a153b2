import type { z } from 'zod'
import { callReceived } from './call-received.ts'
import { chatArchived } from './chat-archived.ts'
import { chatRemoved } from './chat-removed.ts'
import { chatUnread } from './chat-unread.ts'
import { contactChanged } from './contact-changed.ts'
import type { EventDefinition } from './event.ts'
import { groupJoin } from './group-join.ts'
import { groupLeave } from './group-leave.ts'
import { groupParticipants } from './group-participants.ts'
import { groupRequest } from './group-request.ts'
import { groupUpdate } from './group-update.ts'
import { message } from './message.ts'
import { messageAck } from './message-ack.ts'
import { messageAny } from './message-any.ts'
import { messageEdited } from './message-edited.ts'
import { messageReaction } from './message-reaction.ts'
import { messageRevoked } from './message-revoked.ts'
import { messageStatus } from './message-status.ts'
import { messageUndecryptable } from './message-undecryptable.ts'
import { pollVote } from './poll-vote.ts'
import { presence } from './presence.ts'
import { sessionQr } from './session-qr.ts'
import { sessionRestriction } from './session-restriction.ts'
import { sessionStatus } from './session-status.ts'

const entries = [
  message,
  messageAny,
  messageAck,
  messageStatus,
  messageReaction,
  messageEdited,
  messageRevoked,
  messageUndecryptable,
  pollVote,
  groupJoin,
  groupLeave,
  groupParticipants,
  groupUpdate,
  groupRequest,
  chatArchived,
  chatRemoved,
  chatUnread,
  contactChanged,
  presence,
  callReceived,
  sessionStatus,
  sessionQr,
  sessionRestriction,
] as const

type Entry = (typeof entries)[number]
export type EventName = Entry['name']

export const eventNames = entries.map(({ name }) => name)

/** Every event, for whoever goes through all of them. */
export const eventList: readonly EventDefinition<EventName, z.ZodObject>[] = entries

/** What `POST /webhooks/:name/test` posts, to that webhook only: nothing happened, and no log has it. */
export const TEST_EVENT = 'webhook.test'

/** Which events a reader wants: names, or `*` for all. */
export type EventFilter = readonly (EventName | '*')[]

/**
 * The name under which a reader gets an event, null where it does not want it. Others' messages are `message` and, for who
 * does not ask for that, `message.any`: one occurrence under one id either way. The same rule in Lua: `log-event.ts`.
 */
export function nameFor(logged: EventName, wanted: EventFilter): EventName | null {
  if (wanted.includes('*') || wanted.includes(logged)) return logged
  return logged === 'message' && wanted.includes('message.any') ? 'message.any' : null
}
