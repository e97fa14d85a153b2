import type { MessageOf } from '@wsg/shared/messages/kinds/message-kinds.ts'
import type { LibraryMessage } from './library-message.ts'

/** As the library's own `ScheduledEvent` puts it, but for the link of a call, which the library does without where none is made. */
export function eventToLibrary(content: MessageOf<'event'>): LibraryMessage {
  const { name, startsAt, endsAt, description, location, call } = content
  const secondsOf = (time: string) => Math.floor(Date.parse(time) / 1_000)
  const startTimeTs = secondsOf(startsAt)
  return {
    body: '',
    options: {
      event: {
        name,
        startTimeTs,
        eventSendOptions: {
          ...(description !== undefined && { description }),
          endTimeTs: endsAt === undefined ? null : secondsOf(endsAt),
          ...(location !== undefined && { location }),
          callType: 'none',
          isEventCanceled: false,
        },
      },
    },
    ...(call !== undefined && { callLink: { startTimeTs, type: call } }),
  }
}
