import { useEffect, useRef, useState } from 'preact/hooks'
import type { ApiProblem } from '../api/api.ts'
import { type FeedEvent, type FeedState, followEvents } from '../api/follow-events.ts'
import { useApp } from '../context.ts'

/**
 * Calls `onEvent` for each event of a session, or of all sessions (`undefined`), as it happens.
 * @returns whether events come, and why not
 */
export function useEvents(
  session: string | undefined,
  types: readonly string[],
  onEvent: (event: FeedEvent) => void,
): { state: FeedState; problem: ApiProblem | null } {
  const { api } = useApp()
  const [feed, setFeed] = useState<{ state: FeedState; problem: ApiProblem | null }>({
    state: 'connecting',
    problem: null,
  })
  const latest = useRef(onEvent)
  latest.current = onEvent
  useEffect(() => {
    const ended = new AbortController()
    void followEvents(api, {
      session,
      types,
      signal: ended.signal,
      onEvent: (event) => latest.current(event),
      onState: (state, problem) => {
        if (!ended.signal.aborted) setFeed({ state, problem })
      },
    })
    return () => ended.abort()
  }, [api, session, types.join()])
  return feed
}
