import { ClientFailed } from './client-errors.ts'
import { withDeadline } from './with-deadline.ts'

const END_KNOWN_WITHIN_MS = 1_000

/**
 * Whether a call failed because Chromium, the page or its document ended while it was under way: in the words of puppeteer, and
 * of Chromium itself (`inspector/v8-runtime-agent-impl.cc`, `inspector/injected-script.cc`).
 */
export function isPageGone(error: unknown): boolean {
  return (
    error instanceof Error &&
    /Target closed|Session closed|Connection closed|context was destroyed|detached|navigated or closed|Cannot find (default execution )?context|Promise was collected/i.test(
      error.message,
    )
  )
}

/**
 * Waits until a page is opened. Where its browser dies meanwhile, the pipe breaks a moment before it is known what
 * ended, which says more.
 * @param ended rejects with what ended it
 * @throws ClientFailed where the browser or the page went away, and whatever else `opening` or `ended` throws
 */
export async function openedOrEnded(opening: Promise<void>, ended: Promise<never>): Promise<void> {
  try {
    await Promise.race([opening, ended])
  } catch (error) {
    if (!isPageGone(error)) throw error
    const detail = 'the page went away while it was opened'
    const late = () => new ClientFailed({ kind: 'page_crashed', detail })
    await withDeadline(ended, END_KNOWN_WITHIN_MS, late)
  }
}
