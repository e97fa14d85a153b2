import type { IncomingMessage } from 'node:http'
import { PassThrough } from 'node:stream'
import { Problem } from '@wsg/gateway/src/http/problem.ts'
import { bodyPieces, decodeUtf8, parseJson, readWhole } from '@wsg/gateway/src/http/read-body.ts'
import { afterEach, describe, expect, test, vi } from 'vitest'

const MESSAGE = '{"to":"5511999887766","message":"'

function refusal(read: () => unknown): string {
  try {
    return JSON.stringify(read())
  } catch (error) {
    if (error instanceof Problem) return error.message
    throw error
  }
}

test.each([
  [`${MESSAGE}a\nb"}`, 'line 1, column 35: a line break in a string must be written \\n'],
  [`{\r\n  "message": "a\r\nb"}`, 'line 2, column 16: a line break in a string must be written \\n'],
  [`${MESSAGE}a`, 'column 33: this string does not end'],
  [
    `${MESSAGE}a\tb"}`,
    'column 33: in this string a tab or another control character must be written \\t or \\u00XX',
  ],
  [`${MESSAGE}a\\d"}`, 'column 33: in this string a backslash must be written \\\\'],
  [`${MESSAGE}a\\u12"}`, 'column 33: in this string \\u is without four hex digits'],
  ['{"a":1,}', 'column 8: a name in double quotes is expected'],
  ['{"a":1\n"b":2}', 'line 2, column 1: a comma is expected'],
  ['{"a" 1}', 'column 6: a colon is expected'],
  ['{"a":1}}', 'column 8: there is more behind the end'],
  ['[1', 'column 3: a closing bracket is expected'],
  ["{'a':1}", 'column 2: this is not JSON'],
  ['', 'column 1: a value is expected'],
])('%j is told where it is wrong, and what', (text, fault) => {
  expect(refusal(() => parseJson(text, 'the body'))).toBe(
    `Invalid request: the body is not valid JSON: ${fault}.`,
  )
})

test('text that is nested deeper than anybody can look is refused all the same', () => {
  expect(refusal(() => parseJson('['.repeat(1_000_000), 'the body'))).toMatch(
    /^Invalid request: the body is not valid JSON/,
  )
})

test.each(['\\ud83d', '\\uDE00', '\\ud83d\\ud83d\\ude00', '\\\\\\ud83d', '\\ud83d\\\\ude00'])(
  'half of a surrogate pair is refused with its place: %s',
  (escaped) => {
    expect(refusal(() => parseJson(`{"a":"${escaped}"}`, 'the line'))).toMatch(
      /^Invalid request: the line has, at column \d+, half of a surrogate pair; write /,
    )
  },
)

test.each([
  ['"\\ud83d\\ude00"', '😀'],
  ['"\\\\ud83d"', '\\ud83d'],
  ['"\\u00e9"', 'é'],
  ['"😀"', '😀'],
])('%s is read as it is', (text, value) => {
  expect(parseJson(text, 'the body')).toBe(value)
})

test.each([
  ['Latin-1', [0x4f, 0x6c, 0xe1]],
  ['half a surrogate pair', [0xed, 0xa0, 0xbd]],
  ['a character that is cut off', [0xf0, 0x9f, 0x98]],
  ['UTF-16', [0xff, 0xfe, 0x4f, 0x00]],
])('%s is not repaired but refused', (_what, bytes) => {
  expect(refusal(() => decodeUtf8(Buffer.from(bytes), 'the body'))).toBe(
    'Invalid request: the body is not UTF-8.',
  )
})

test('a byte order mark is no part of the text', () => {
  expect(decodeUtf8(Buffer.from('\ufeff{}'), 'the body')).toBe('{}')
})

describe('the time of a body is limited', () => {
  afterEach(() => void vi.useRealTimers())

  /** A body of which one byte comes every three seconds. */
  function trickle(): { body: IncomingMessage; stop: () => void } {
    const body = new PassThrough()
    const timer = setInterval(() => body.write(' '), 3_000)
    const raw = Object.assign(body, { headers: {} }) as unknown as IncomingMessage
    return { body: raw, stop: () => clearInterval(timer) }
  }

  test('as a whole, where it is one JSON text', async () => {
    vi.useFakeTimers()
    const { body, stop } = trickle()
    const reading = readWhole(body).catch((error: Problem) => error.code)
    await vi.advanceTimersByTimeAsync(30_000)
    expect(await reading).toBe('request_timeout')
    stop()
  })

  test('only while nothing comes, where it may be of any length', async () => {
    vi.useFakeTimers()
    const { body, stop } = trickle()
    const read = async () => {
      let pieces = 0
      try {
        for await (const piece of bodyPieces(body)) pieces += piece.length
      } catch (error) {
        return [pieces, (error as Problem).code]
      }
      return [pieces, 'end']
    }
    const reading = read()
    await vi.advanceTimersByTimeAsync(600_000)
    stop()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(await reading).toEqual([200, 'request_timeout'])
  })
})
