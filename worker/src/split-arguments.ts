const WORD = /(?:[^\s"']|"[^"]*"|'[^']*')+/y
const SPACE = /\s*/y

/**
 * Splits a line of arguments at its spaces, as a shell would: single and double quotes keep what is between them
 * together and are removed. There are no escapes. Chromium takes nothing but flags here, so a word that is none goes
 * on with the flag before it: `--host-resolver-rules=MAP a b` needs no quotes.
 * @returns null where a quote is not closed
 */
export function splitArguments(line: string): string[] | null {
  const words: string[] = []
  for (let at = skipSpace(line, 0); at < line.length; at = skipSpace(line, at)) {
    WORD.lastIndex = at
    const word = WORD.exec(line)?.[0]
    if (word === undefined) return null
    const plain = word.replace(/"([^"]*)"|'([^']*)'/g, (_, double, single) => double ?? single)
    if (plain.startsWith('-') || words.length === 0) words.push(plain)
    else words.push(`${words.pop()} ${plain}`)
    at += word.length
    if (at < line.length && !/\s/.test(line[at] as string)) return null
  }
  return words
}

function skipSpace(line: string, from: number): number {
  SPACE.lastIndex = from
  SPACE.exec(line)
  return SPACE.lastIndex
}
