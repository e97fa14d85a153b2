import type { LineAnswer } from './batch-answer.ts'
import type { BatchLine } from './batch-line.ts'
import type { BatchUpload } from './batch-upload.ts'
import type { BodySplitter } from './split-lines.ts'

/** One pipeline to Redis: enough to fill it, and few enough that answers come as a stream and nobody else waits long. */
const LINES_AT_ONCE = 500

/**
 * Takes the messages of a body as they come. The next bytes are read when those before are accepted, so that memory does
 * not grow with the body and a sender who is faster is slowed down by TCP itself.
 * @returns the answers of each group of lines, in order; ended early it leaves the upload as interrupted
 */
export async function* receiveBatch(
  body: AsyncIterable<Buffer>,
  splitter: BodySplitter,
  upload: BatchUpload,
): AsyncGenerator<LineAnswer[], void, undefined> {
  let isComplete = false
  try {
    for await (const bytes of body) {
      for (const lines of inGroups(splitter.push(bytes))) yield await upload.take(lines)
    }
    for (const lines of inGroups(splitter.end())) yield await upload.take(lines)
    isComplete = true
  } finally {
    await upload.end(isComplete ? 'complete' : 'interrupted')
  }
}

function* inGroups(lines: readonly BatchLine[]): Generator<readonly BatchLine[]> {
  for (let from = 0; from < lines.length; from += LINES_AT_ONCE) yield lines.slice(from, from + LINES_AT_ONCE)
}
