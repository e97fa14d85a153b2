import type { VNode } from 'preact'
import { useRef } from 'preact/hooks'
import type { FeedEvent } from '../../api/follow-events.ts'
import { ProblemNotice } from '../../components/problem-notice.ts'
import { useEvents } from '../../hooks/use-events.ts'
import { html } from '../../html.ts'

interface FeedProps {
  /** Absent for the events of all sessions. */
  session?: string
  onEvent: (event: FeedEvent) => void
}

/** Follows the events, and says where they do not come: at first to those who hear the page, later to everybody. */
export function Feed({ session, onEvent }: FeedProps): VNode {
  const { state, problem } = useEvents(session, ['*'], onEvent)
  const wasLive = useRef(false)
  wasLive.current ||= state === 'live'
  const isLost = state === 'connecting' && wasLive.current
  return html`
    <${ProblemNotice} problem=${problem} />
    <p class=${isLost ? 'notice attention' : 'visually-hidden'} role="status">
      ${state === 'live' ? 'Events come as they happen' : 'Connecting to the events …'} ${isLost && 'What happens meanwhile follows.'}
    </p>`
}
