import type { ServerResponse } from 'node:http'
import type { LineAnswer, UploadAnswer } from './batch-answer.ts'

/** Who sends and does not read what is answered meanwhile fills every buffer on the way and waits for ever. */
const UNREAD_MS = 60_000

/**
 * Answers as lines of JSON, group by group, and the sum of them at the end.
 * @param first the answers that were waited for already
 * @param response is destroyed where nobody reads it
 */
export async function* answerLines(
  first: IteratorResult<LineAnswer[], void>,
  rest: AsyncIterable<LineAnswer[]>,
  sum: () => UploadAnswer,
  response: ServerResponse,
): AsyncGenerator<string, void, undefined> {
  if (first.done !== true) yield toLines(first.value)
  let unread: NodeJS.Timeout | undefined
  try {
    for await (const answers of rest) {
      unread = setTimeout(() => response.destroy(), UNREAD_MS)
      yield toLines(answers)
      clearTimeout(unread)
    }
  } finally {
    clearTimeout(unread)
  }
  yield toLines([sum()])
}

function toLines(answers: readonly object[]): string {
  return answers.map((answer) => `${JSON.stringify(answer)}\n`).join('')
}
