import type { VNode } from 'preact'
import { useRef } from 'preact/hooks'
import type { FeedEvent, FeedState } from '../../api/follow-events.ts'
import { ProblemNotice } from '../../components/problem-notice.ts'
import { useEvents } from '../../hooks/use-events.ts'
import { html } from '../../html.ts'

interface FeedProps {
  /** Absent for the events of all sessions. */
  session?: string
  onEvent: (event: FeedEvent) => void
}

/**
 * What is said of the stream.
 * @param before what came of it: with an event it goes on behind that one, without one it begins anew where it connects
 */
export function tellStream(state: FeedState, before: 'nothing' | 'connection' | 'event'): string {
  if (state === 'live') return 'Events come as they happen'
  const follows = {
    nothing: '',
    connection: ' What happens meanwhile is not shown here: load the page again when they come.',
    event: ' What happens meanwhile follows.',
  }
  return `Connecting to the events …${follows[before]}`
}

/** Follows the events, and says where they do not come: at first to those who hear the page, later to everybody. */
export function Feed({ session, onEvent }: FeedProps): VNode {
  const before = useRef<'nothing' | 'connection' | 'event'>('nothing')
  const { state, problem } = useEvents(session, ['*'], (event) => {
    before.current = 'event'
    onEvent(event)
  })
  if (state === 'live' && before.current === 'nothing') before.current = 'connection'
  const isLost = state === 'connecting' && before.current !== 'nothing'
  return html`
    <${ProblemNotice} problem=${problem} />
    <p class=${isLost ? 'notice attention' : 'visually-hidden'} role="status">${tellStream(state, before.current)}</p>`
}
