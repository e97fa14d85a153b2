/** The most that common file systems take, less what a phone may put behind it. */
const MAX_BYTES = 240
/** Characters that no file name needs: control characters, what turns the direction of a text, and what some systems refuse. */
const UNSAFE = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069<>:"|?*]/gu

/**
 * The name under which a file arrives: as it was given, without folders and without characters that could do harm or hide
 * what it is.
 * @param extension what it gets where it has no ending, without a dot; may be empty
 */
export function safeFileName(given: string, extension: string): string {
  const last = given.split(/[/\\]/).at(-1) as string
  const plain =
    last
      .toWellFormed()
      .replace(UNSAFE, '')
      .trim()
      .replace(/^\.+|[. ]+$/g, '') || 'file'
  const ending = /\.[^. ]{1,16}$/u.exec(plain)?.[0] ?? ''
  const stem = plain.slice(0, plain.length - ending.length) || 'file'
  const derived = ending === '' && extension !== '' ? `.${extension}` : ending
  return `${cutTo(stem, MAX_BYTES - Buffer.byteLength(derived))}${derived}`
}

/** The beginning of a text, without half a character at its end. */
function cutTo(text: string, bytes: number): string {
  let cut = ''
  let size = 0
  for (const character of text) {
    size += Buffer.byteLength(character)
    if (size > bytes) break
    cut += character
  }
  return cut
}
