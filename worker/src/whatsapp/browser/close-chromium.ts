import { withDeadline } from '../with-deadline.ts'
import type { LockedChromium } from './locked-chromium.ts'

/** Closes a browser cleanly, and by force after `closeMs`. Resolves when every process of it is gone; never rejects. */
export async function closeChromium(
  chromium: LockedChromium,
  browser: { close(): Promise<void> } | undefined,
  closeMs: number,
): Promise<void> {
  const late = new Error('Chromium does not end')
  const clean = browser?.close() ?? Promise.reject(late)
  await withDeadline(Promise.all([clean, chromium.exited]), closeMs, () => late).catch(() => chromium.kill())
  await chromium.gone()
}
