import { passFaults } from '../faults.ts'
import type { MediaObject } from '../media-data.ts'

interface Uploaded {
  url: string
  directPath: string
  mediaKey: string
  /** Unix time in seconds. */
  mediaKeyTimestamp: number
  filehash: string
  /** The real one is of the encrypted bytes; here they are not encrypted. */
  encFilehash: string
}

const randomKey = () => btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32))))

async function upload(data: Blob, mediaKey: string, signal?: AbortSignal): Promise<Uploaded> {
  await passFaults()
  const response = await fetch('/mms/upload', { method: 'POST', body: data, signal: signal ?? null })
  if (!response.ok) throw new Error(`media-fault: upload was answered with ${response.status}`)
  const { filehash, directPath } = (await response.json()) as { filehash: string; directPath: string }
  const mediaKeyTimestamp = Math.floor(Date.now() / 1000)
  const url = new URL(directPath, location.origin).href
  return { url, directPath, mediaKey, mediaKeyTimestamp, filehash, encFilehash: filehash }
}

async function uploadObject({ mediaObject }: { mediaObject: MediaObject }) {
  const data = mediaObject.mediaBlob?.formData()
  if (!data) throw new Error('media-fault: there is nothing to upload')
  const { url, encFilehash, ...uploaded } = await upload(data, randomKey())
  return {
    mediaEntry: {
      ...uploaded,
      encFilehash,
      mmsUrl: url,
      deprecatedMms3Url: url,
      uploadHash: encFilehash,
      sidecar: undefined,
      firstFrameSidecar: undefined,
      handle: uploaded.filehash,
    },
  }
}

export const WAWebMediaMmsV4Upload = { uploadMedia: uploadObject, uploadUnencryptedMedia: uploadObject }

export const WAWebUploadManager = {
  encryptAndUpload: ({ blob, mediaKey, signal }: { blob: Blob; mediaKey: string; signal: AbortSignal }) =>
    upload(blob, mediaKey, signal),
}

export const WAWebStartMediaUploadQpl = { startMediaUploadQpl: (_ask: object) => ({}) }

export const WAMediaCalculateFilehash = { getRandomFilehash: async () => randomKey() }
