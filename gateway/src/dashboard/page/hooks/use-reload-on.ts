import { useEffect, useRef } from 'preact/hooks'

/** Reads of WhatsApp Web are limited for each session, and a busy one has many events a second. */
const EVERY_MS = 3_000

/** Calls `reload` when there is something newer, now and then while more comes. */
export function useReloadOn(newest: string | undefined, reload: () => void): void {
  const seen = useRef(newest)
  const reloadedAt = useRef(0)
  useEffect(() => {
    if (seen.current === newest) return
    const timer = setTimeout(
      () => {
        seen.current = newest
        reloadedAt.current = Date.now()
        reload()
      },
      Math.max(0, reloadedAt.current + EVERY_MS - Date.now()),
    )
    return () => clearTimeout(timer)
  }, [newest])
}
