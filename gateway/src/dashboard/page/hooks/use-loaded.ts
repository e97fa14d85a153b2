import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { ApiProblem } from '../api/api.ts'

export interface Loaded<T> {
  /** The latest that came, null before the first. */
  data: T | null
  /** Why the latest attempt failed, null where it did not. */
  problem: ApiProblem | null
  /** Loads again soon; many calls in a row are one. */
  reload: () => void
}

/** Many events in a row are one request. */
const SOON_MS = 250

/**
 * Loads something, again every `everyMs` while somebody looks at the page, and anew when one of `deps` changes.
 * @param everyMs null to load once
 */
export function useLoaded<T>(
  load: (signal: AbortSignal) => Promise<T>,
  everyMs: number | null,
  deps: readonly unknown[],
): Loaded<T> {
  const [state, setState] = useState<{ data: T | null; problem: ApiProblem | null }>({
    data: null,
    problem: null,
  })
  const soon = useRef<() => void>(() => {})
  useEffect(() => {
    const ended = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    let isRunning = false
    let isDue = false
    const plan = (ms: number) => {
      clearTimeout(timer)
      timer = setTimeout(run, ms)
    }
    const run = async () => {
      if (document.hidden && everyMs !== null) return plan(everyMs)
      isRunning = true
      isDue = false
      try {
        const data = await load(ended.signal)
        if (!ended.signal.aborted) setState({ data, problem: null })
      } catch (error) {
        if (ended.signal.aborted) return
        if (!(error instanceof ApiProblem)) throw error
        setState(({ data }) => ({ data, problem: error }))
      } finally {
        isRunning = false
      }
      if (ended.signal.aborted) return
      if (isDue) plan(SOON_MS)
      else if (everyMs !== null) plan(everyMs)
    }
    soon.current = () => {
      isDue = true
      if (!isRunning) plan(SOON_MS)
    }
    setState({ data: null, problem: null })
    void run()
    return () => {
      ended.abort()
      clearTimeout(timer)
    }
  }, deps)
  const reload = useCallback(() => soon.current(), [])
  return { ...state, reload }
}
