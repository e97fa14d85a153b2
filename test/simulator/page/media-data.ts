import { build } from './build.ts'
import { Model } from './model.ts'
import type { WAWebMediaOpaqueData } from './modules/wa-web-media-opaque-data.ts'

export type MediaKind = 'image' | 'video' | 'audio' | 'ptt' | 'document' | 'sticker'

export interface MediaAttributes {
  type: MediaKind
  mimetype: string
  /** Base64 of the SHA-256 of the bytes. */
  filehash: string
  /** Bytes. */
  size: number
  /** RESOLVED where the bytes are at hand, INIT where they have yet to be fetched. */
  mediaStage: 'INIT' | 'FETCHING' | 'RESOLVED' | 'ERROR_MISSING'
  mediaBlob?: WAWebMediaOpaqueData
  /** A small JPEG of an image, in base64. */
  preview?: string
  width?: number
  height?: number
  /** Seconds. */
  duration?: number
  isGif?: boolean
  filename?: string
}

/** Fields of a media model that a message has no place for. */
export const mediaOnlyFields = ['mediaBlob', 'preview', 'renderableUrl', 'mediaStage'] as const

/** The media of a message while it is prepared, sent or fetched. */
export class MediaData extends Model<MediaAttributes> {
  declare type: MediaKind
  declare mimetype: string
  declare filehash: string
  declare size: number
  declare mediaStage: MediaAttributes['mediaStage']
  declare mediaBlob?: WAWebMediaOpaqueData
  declare preview?: string

  constructor(attributes: MediaAttributes) {
    super(attributes)
    // An own field that can be enumerated: whoever spreads the model over a message takes its id with it.
    if (build.has('mediaModelShowsInnerId')) Reflect.set(this, '__x_id', undefined)
  }
}

/** All that the page knows of one file, whichever messages carry it. */
export class MediaObject extends Model<{ filehash: string; loadedSize?: number } & Partial<MediaAttributes>> {
  declare filehash: string
  declare type?: MediaKind
  declare size?: number
  declare mediaBlob?: WAWebMediaOpaqueData
  /** Bytes of the upload that are under way or done. */
  declare loadedSize?: number
  readonly contentInfo: { waveform?: Uint8Array } = {}

  consolidate(attributes: Partial<MediaAttributes> & { loadedSize?: number }): void {
    this.set(attributes)
  }
}
