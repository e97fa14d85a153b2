import type { IncomingMessage } from 'node:http'
import type { FastifyRequest } from 'fastify'
import { type ParseErrorCode, printParseErrorCode, visit } from 'jsonc-parser'
import pTimeout from 'p-timeout'
import type { GatewayApp } from '../gateway-app.ts'
import { invalidRequest, Problem } from './problem.ts'

/** Room for the longest text with every character escaped, and for a clear answer to one that is longer. */
export const MAX_BODY_BYTES = 1_500_000
/** How long a body may take as a whole, and how long one of any length may be silent. */
const WHOLE_WITHIN_MS = 30_000
const SILENT_WITHIN_MS = 60_000

/** Bodies are JSON and nothing else. An empty one counts as none: many clients name the type without sending anything. */
export function acceptJsonOnly(app: GatewayApp): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', async (request: FastifyRequest) => {
    assertReadable(request)
    const text = decodeUtf8(await readWhole(request.raw), 'the body')
    return text.trim() === '' ? undefined : parseJson(text, 'the body')
  })
}

/** @throws Problem unsupported_media_type, naming what is not read, before anything of the body was */
export function assertReadable({ headers }: FastifyRequest): void {
  const charset = /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(headers['content-type'] ?? '')?.[1]
  const encoding = headers['content-encoding']
  const unread =
    charset !== undefined && !/^utf-?8$/i.test(charset)
      ? `the charset ${cut(charset)}`
      : encoding !== undefined && encoding !== 'identity'
        ? `the content encoding ${cut(encoding)}`
        : null
  if (unread !== null)
    throw new Problem('unsupported_media_type', {
      sentence: `The body has ${unread}. Send it as plain UTF-8, without compression.`,
    })
}

/** The pieces of a body of any length, as they come. @throws Problem where it is cut off, or nothing comes for a minute */
export async function* bodyPieces(raw: IncomingMessage): AsyncGenerator<Buffer, void, undefined> {
  // Not destroyed when it is left: an answer could not be given any more.
  const pieces: AsyncIterator<Buffer> = raw.iterator({ destroyOnReturn: false })
  try {
    for (;;) {
      const next = pieces.next().catch(() => {
        throw cutOff()
      })
      const piece = await pTimeout(next, { milliseconds: SILENT_WITHIN_MS, message: tooSlow() })
      if (piece.done === true) return
      yield piece.value
    }
  } finally {
    void pieces.return?.()
  }
}

/** By events, since iterating a stream costs more than all the rest of a small request. */
export async function readWhole(raw: IncomingMessage): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  const pieces: Buffer[] = []
  let bytes = 0
  const take = (piece: Buffer) => {
    bytes += piece.length
    if (bytes <= MAX_BODY_BYTES) pieces.push(piece)
    else reject(new Problem('payload_too_large'))
  }
  const timer = setTimeout(() => reject(tooSlow()), WHOLE_WITHIN_MS)
  if (Number(raw.headers['content-length']) > MAX_BODY_BYTES) reject(new Problem('payload_too_large'))
  else raw.on('data', take)
  raw.once('end', () => resolve(Buffer.concat(pieces)))
  raw.once('error', () => reject(cutOff()))
  return await promise.finally(() => {
    clearTimeout(timer)
    raw.off('data', take)
  })
}

/** @param what is read, as a sentence names it */
export function decodeUtf8(bytes: Buffer, what: string): string {
  try {
    return utf8.decode(bytes)
  } catch {
    throw invalidRequest(`${what} is not UTF-8`)
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** @throws Problem invalid_request that names the place and what is wrong there, and repeats nothing of the text */
export function parseJson(text: string, what: string): unknown {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw invalidRequest(`${what} is not valid JSON${describeSyntax(text)}`)
  }
  const half = findHalfPair(text)
  if (half === null) return value
  const fault = 'half of a surrogate pair; write the character itself, or both halves'
  throw invalidRequest(`${what} has, at ${place(text, half)}, ${fault}`)
}

/** Escapes in JSON text: both halves of a pair, one half alone (six characters), or any other. */
const ESCAPE = /\\u[dD][89abAB]..\\u[dD][c-fC-F]..|\\u[dD][89a-fA-F]..|\\./gs

function findHalfPair(text: string): number | null {
  if (!text.includes('\\u')) return null
  for (const { 0: found, index } of text.matchAll(ESCAPE)) if (found.length === 6) return index
  return null
}

/** What is wrong, by the name of the parser's error; of a string the place is its beginning. */
const SYNTAX_FAULTS: Partial<Record<string, string>> = {
  PropertyNameExpected: 'a name in double quotes is expected',
  ValueExpected: 'a value is expected',
  ColonExpected: 'a colon is expected',
  CommaExpected: 'a comma is expected',
  CloseBraceExpected: 'a closing brace is expected',
  CloseBracketExpected: 'a closing bracket is expected',
  EndOfFileExpected: 'there is more behind the end',
  InvalidCommentToken: 'comments are not allowed',
  InvalidEscapeCharacter: 'in this string a backslash must be written \\\\',
  InvalidUnicode: 'in this string \\u is without four hex digits',
  InvalidCharacter: 'in this string a tab or another control character must be written \\t or \\u00XX',
}

/** What is wrong first, and where: `: line 1, column 9: a comma is expected`. Empty where nobody can tell. */
function describeSyntax(text: string): string {
  let found = ''
  const onError = (code: ParseErrorCode, offset: number, length: number) => {
    const name = printParseErrorCode(code)
    const end = offset + length
    if (name !== 'UnexpectedEndOfString')
      found = `: ${place(text, offset)}: ${SYNTAX_FAULTS[name] ?? 'this is not JSON'}`
    else if (/[\r\n]/.test(text[end] ?? ''))
      found = `: ${place(text, end)}: a line break in a string must be written \\n`
    else found = `: ${place(text, offset)}: this string does not end`
    throw new Error('found')
  }
  try {
    visit(text, { onError }, { disallowComments: true })
  } catch {
    // Found, or nested too deep to be looked at.
  }
  return found
}

/** The line is named only where there is more than one. */
function place(text: string, offset: number): string {
  const lines = text.slice(0, offset).split(LINE_BREAK)
  const column = `column ${(lines.at(-1)?.length ?? 0) + 1}`
  return LINE_BREAK.test(text) ? `line ${lines.length}, ${column}` : column
}

const LINE_BREAK = /\r\n|\r|\n/

function tooSlow(): Problem {
  return new Problem('request_timeout')
}

function cutOff(): Problem {
  return invalidRequest('the body was cut off')
}

function cut(text: string): string {
  return text.slice(0, 64)
}
