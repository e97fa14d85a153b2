import {
  ArraySplitter,
  type BatchLine,
  type BodySplitter,
  NdjsonSplitter,
} from '@wsg/gateway/src/batches/split-body.ts'
import { Problem } from '@wsg/gateway/src/http/problem.ts'
import { describe, expect, test } from 'vitest'

/** Cuts a body that comes in pieces of so many bytes. @returns line and text, or the sentence of the problem */
function cut(splitter: BodySplitter, body: string | Buffer, pieceBytes: number): [number, string][] {
  const bytes = Buffer.from(body)
  const lines: BatchLine[] = []
  for (let i = 0; i < bytes.length; i += pieceBytes)
    lines.push(...splitter.push(bytes.subarray(i, i + pieceBytes)))
  lines.push(...splitter.end())
  return lines.map(({ line, text }) => [line, text instanceof Problem ? text.message : text])
}

const NOT_AN_ARRAY = 'Invalid request: the body must be one JSON array.'
const TOO_LONG = 'A line must have at most 1500000 bytes.'

describe.each([1, 2, 3, 7, 65_536])('in pieces of %i bytes', (pieceBytes) => {
  const lines = (body: string | Buffer) => cut(new NdjsonSplitter(), body, pieceBytes)
  const elements = (body: string | Buffer) => cut(new ArraySplitter(), body, pieceBytes)

  test("lines keep the numbers of the caller's file, whatever ends them", () => {
    expect(lines('\ufeff{"a":1}\r\n\n  \n{"ü":"€🙂"}')).toEqual([
      [1, '{"a":1}'],
      [4, '{"ü":"€🙂"}'],
    ])
    expect(lines('')).toEqual([])
    expect(lines('\n\n')).toEqual([])
  })

  test('a line that is not UTF-8 is refused by itself', () => {
    const body = Buffer.concat([Buffer.from('{}\n'), Buffer.from([0x22, 0xff, 0x22]), Buffer.from('\n[]')])
    expect(lines(body)).toEqual([
      [1, '{}'],
      [2, 'Invalid request: the line is not UTF-8.'],
      [3, '[]'],
    ])
  })

  test('elements are cut at their commas, not at those inside of them', () => {
    const inner = ['{"a":"]},[{\\"\\\\","b":[1,[2,{"c":3}]]}', '"x,y"', '{}', '🙂', '1']
    expect(elements(` [${inner.join(' ,\n')} ] \n`)).toEqual(inner.map((text, i) => [i + 1, text]))
    for (const empty of ['[]', ' [ \n ] ']) expect(elements(empty)).toEqual([])
  })

  test('an array that is broken somewhere is taken up to there, and says where it ends', () => {
    expect(elements('[1,,2,]')).toEqual([
      [1, '1'],
      [2, ''],
      [3, '2'],
      [4, ''],
    ])
    expect(elements('[{"a":1},{"b":')).toEqual([
      [1, '{"a":1}'],
      [2, 'Invalid request: the array does not end.'],
    ])
  })

  test.each(['', '  ', '{"a":1}', 'nonsense', '[1] [2]'])('%j is no array', (body) => {
    expect(() => elements(body)).toThrow(NOT_AN_ARRAY)
  })
})

test.each([
  ['lines', () => new NdjsonSplitter(), (text: string) => `${text}\n`],
  ['elements', () => new ArraySplitter(), (text: string) => `[${text},1]`],
])(
  'of %s, one that is too long is refused by itself, and one that just fits is taken',
  (_what, create, wrap) => {
    const long = `"${'x'.repeat(1_500_000)}"`
    expect(cut(create(), wrap(long), 65_536)[0]).toEqual([1, TOO_LONG])
    const fits = `"${'x'.repeat(1_499_998)}"`
    expect(cut(create(), wrap(fits), 100)[0]).toEqual([1, fits])
  },
)
