import type { PageCallFacts, PageNews } from '../../whatsapp/page/listeners/page-news.ts'
import type { HeardEvent } from './heard-event.ts'
import { chatIds, memberOf } from './people.ts'

/** A call that was taken before a page saw it has no more than its end. */
export function callFromPage({ call, at }: Extract<PageNews, { type: 'call' }>): HeardEvent | null {
  const state = stateOf(call)
  if (state === null) return null
  return {
    event: 'call.received',
    occurrence: `${call.id} ${state}`,
    chats: chatIds(call.from),
    data: {
      id: call.id,
      from: memberOf(call.from),
      isVideo: call.isVideo,
      isGroup: call.isGroup,
      state,
      timestamp: new Date(at).toISOString(),
    },
  }
}

/** The page's numbers: 3 and 8, it rings; 6 and 11, it was taken here; 7, on another device. All else is on the way. */
function stateOf({ state, endedByUs, wasAccepted }: PageCallFacts): string | null {
  if (state === 3 || state === 8) return 'ringing'
  if (state === 6 || state === 7 || state === 11) return 'accepted'
  if (state !== null && state !== 0) return null
  if (wasAccepted) return 'ended'
  return endedByUs ? 'rejected' : 'missed'
}
