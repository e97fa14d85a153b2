/** Whether a call failed because Chromium, the page or its document ended while it was under way. */
export function isPageGone(error: unknown): boolean {
  return (
    error instanceof Error &&
    /Target closed|Session closed|context was destroyed|detached/i.test(error.message)
  )
}
