import type { LinkPreview, PageGlobals } from '../page-globals.ts'

/**
 * Runs in the page: fetches the preview of the first link of a text and keeps it for `sendMessage`, which then waits for
 * nothing. @returns false where it was given up, since the answer took longer than `limitMs`
 */
export async function fetchLinkPreview(given: {
  messageId: string
  text: string
  limitMs: number
}): Promise<boolean> {
  const page = window as unknown as PageGlobals
  const link = page.require('WALinkify').findLink(given.text)
  if (!link) return true
  const fetch = async (): Promise<LinkPreview | undefined> =>
    (await page.require('WAWebLinkPreviewChatAction').getLinkPreview(link))?.data
  const late = new Promise<'late'>((resolve) => setTimeout(() => resolve('late'), given.limitMs))
  const preview = await Promise.race([fetch().catch(() => undefined), late])
  if (preview === 'late') return false
  const { linkPreviews } = page.sessionGatewayKit
  if (preview) linkPreviews.set(given.messageId, preview)
  // Those of messages that were canceled meanwhile.
  for (const messageId of linkPreviews.keys()) if (linkPreviews.size > 32) linkPreviews.delete(messageId)
  return true
}
