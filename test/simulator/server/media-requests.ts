import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { MediaStore } from './media-store.ts'

/** Takes the files that pages upload, and gives those that they ask for. */
export async function answerMediaRequest(
  media: MediaStore,
  pathname: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    if (request.method === 'POST') {
      const stored = await media.store(request)
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(stored))
      return
    }
    const file = media.open(MediaStore.hashOf(pathname) ?? '')
    if (!file) return void response.writeHead(404).end()
    response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': file.size })
    await pipeline(file.stream(), response)
  } catch {
    // The page went away meanwhile, and nobody is left to be told.
    response.destroy()
  }
}
