import type { MediaKind } from '../media-data.ts'

type MediaType = MediaKind | 'gif' | `newsletter-${MediaKind | 'gif'}`

/** How the server calls the kinds of media, and what may be under each. */
export const WAWebMmsMediaTypes = {
  msgToMediaType({
    type,
    isGif,
    isNewsletter,
  }: {
    type: MediaKind
    isGif?: boolean
    isNewsletter?: boolean
  }): MediaType {
    const kind = type === 'video' && isGif ? 'gif' : type
    return isNewsletter ? `newsletter-${kind}` : kind
  },

  castToV4: (type: MediaType) => type,

  /** Undefined where anything may be under it. */
  getValidMimeTypes(type: string): RegExp | undefined {
    return validMimetypes[type]
  },
}

const validMimetypes: Record<string, RegExp> = {
  image: /^image\/(?:jpeg|png|webp|gif)\b/,
  sticker: /^image\/webp\b/,
  video: /^video\//,
  gif: /^video\//,
  audio: /^audio\//,
  ptt: /^audio\//,
}

const CACHED = new Set<string | undefined>(['image', 'sticker', 'ptt'])

export const WAWebMediaDataUtils = { shouldUseMediaCache: (type: string | undefined) => CACHED.has(type) }
