import type { LinkPreview } from '../../wire.ts'
import { wireLink } from '../wire-link.ts'

export const WAWebLinkPreviewChatAction = {
  /** Null where there is nothing to be had for the link. */
  async getLinkPreview(link: {
    href: string
    url: string
  }): Promise<{ data: LinkPreview; url: string } | null> {
    try {
      const data = await wireLink.query('link.preview', { url: link.href, matchedText: link.url })
      return { data, url: link.href }
    } catch {
      return null
    }
  },
}
