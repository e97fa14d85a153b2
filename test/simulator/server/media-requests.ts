import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { MediaStore } from './media-store.ts'
import type { Settings } from './settings.ts'

type FileSettings = Pick<Settings, 'uploadBytesPerSecond' | 'uploadsEndAt' | 'downloadDelayMs'>

/** Takes the files that pages upload, and gives those that they ask for. */
export async function answerMediaRequest(
  media: MediaStore,
  pathname: string,
  request: IncomingMessage,
  response: ServerResponse,
  settings: FileSettings,
): Promise<void> {
  try {
    if (request.method === 'POST') {
      const stored = await media.store(Readable.from(slowed(request, settings)))
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(stored))
      return
    }
    const file = media.open(MediaStore.hashOf(pathname) ?? '')
    await pause(settings.downloadDelayMs)
    if (!file) return void response.writeHead(404).end()
    response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': file.size })
    await pipeline(file.stream(), response)
  } catch {
    // The page went away meanwhile, and nobody is left to be told; or the upload is to break off.
    response.destroy()
  }
}

async function* slowed(request: IncomingMessage, { uploadBytesPerSecond, uploadsEndAt }: FileSettings) {
  let bytes = 0
  for await (const piece of request as AsyncIterable<Buffer>) {
    bytes += piece.length
    if (uploadsEndAt > 0 && bytes > uploadsEndAt) throw new Error('the upload breaks off')
    if (uploadBytesPerSecond > 0) await pause((piece.length / uploadBytesPerSecond) * 1_000)
    yield piece
  }
}
