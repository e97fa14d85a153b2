/**
 * The whole commands at the head of what a client wrote: in Redis' protocol an array of strings each, `*2\r\n$3\r\nGET…`.
 * @returns the words of each command, and the bytes of one that has not come wholly
 */
export function readCommands(bytes: Buffer): { commands: string[][]; rest: Buffer } {
  const commands: string[][] = []
  let at = 0
  for (;;) {
    const read = readCommand(bytes, at)
    if (read === null) return { commands, rest: bytes.subarray(at) }
    commands.push(read.words)
    at = read.end
  }
}

function readCommand(bytes: Buffer, start: number): { words: string[]; end: number } | null {
  const head = readNumber(bytes, start, '*')
  if (head === null) return null
  const words: string[] = []
  let at = head.end
  while (words.length < head.value) {
    const length = readNumber(bytes, at, '$')
    if (length === null || length.end + length.value + 2 > bytes.length) return null
    words.push(bytes.toString('utf8', length.end, length.end + length.value))
    at = length.end + length.value + 2
  }
  return { words, end: at }
}

function readNumber(bytes: Buffer, at: number, sign: string): { value: number; end: number } | null {
  const end = bytes.indexOf('\r\n', at)
  if (end < 0) return null
  const line = bytes.toString('latin1', at, end)
  if (!line.startsWith(sign)) throw new Error(`not a command of Redis' protocol: ${line.slice(0, 40)}`)
  return { value: Number(line.slice(1)), end: end + 2 }
}
