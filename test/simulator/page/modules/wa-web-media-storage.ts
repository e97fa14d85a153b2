import { MediaObject } from '../media-data.ts'

const objects = new Map<string, MediaObject>()

export const WAWebMediaStorage = {
  getOrCreateMediaObject(filehash: string): MediaObject {
    const object = objects.get(filehash) ?? new MediaObject({ filehash })
    objects.set(filehash, object)
    return object
  },
}

const blobs = new Map<string, Blob>()

/** The bytes of images, stickers and voice messages that were sent or fetched by this document. */
export const WAWebMediaInMemoryBlobCache = {
  InMemoryMediaBlobCache: {
    put: (filehash: string, data: Blob) => void blobs.set(filehash, data),
    get: (filehash: string) => blobs.get(filehash),
  },
}
