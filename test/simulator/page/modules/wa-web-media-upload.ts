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

interface Upload {
  signal?: AbortSignal
  /** Called with the bytes that are sent, as they are sent. */
  onProgress?(loaded: number): void
}

async function upload(data: Blob, mediaKey: string, more: Upload = {}): Promise<Uploaded> {
  await passFaults()
  const { filehash, directPath } = await post(data, more)
  const mediaKeyTimestamp = Math.floor(Date.now() / 1000)
  const url = new URL(directPath, location.origin).href
  return { url, directPath, mediaKey, mediaKeyTimestamp, filehash, encFilehash: filehash }
}

/** `fetch` does not tell how far it is. */
function post(data: Blob, { signal, onProgress }: Upload): Promise<{ filehash: string; directPath: string }> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.responseType = 'json'
    request.upload.onprogress = ({ loaded }) => onProgress?.(loaded)
    request.onload = () => {
      if (request.status === 200) resolve(request.response)
      else reject(new Error(`media-fault: upload was answered with ${request.status}`))
    }
    request.onerror = () => reject(new Error('media-fault: the upload broke off'))
    request.onabort = () => reject(new DOMException('canceled', 'AbortError'))
    signal?.addEventListener('abort', () => request.abort())
    request.open('POST', '/mms/upload')
    request.send(data)
  })
}

/** An upload that fails does not reject: it is told by its kind, and has no entry. */
async function uploadObject({ mediaObject }: { mediaObject: MediaObject }) {
  const data = mediaObject.mediaBlob?.formData()
  if (!data) throw new Error('media-fault: there is nothing to upload')
  const onProgress = (loadedSize: number) => mediaObject.consolidate({ loadedSize })
  const done = await upload(data, randomKey(), { onProgress }).catch(() => null)
  if (done === null) return { kind: 'error' }
  const { url, encFilehash, ...uploaded } = done
  return {
    kind: 'success',
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
    upload(blob, mediaKey, { signal }),
}

export const WAWebStartMediaUploadQpl = { startMediaUploadQpl: (_ask: object) => ({}) }

export const WAMediaCalculateFilehash = { getRandomFilehash: async () => randomKey() }
