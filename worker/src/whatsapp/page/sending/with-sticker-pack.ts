/**
 * Runs in the page: a WebP picture, still or animated, that says which pack of stickers it is from. WhatsApp reads that as
 * JSON from the field 0x5741 of its EXIF data. Container: RFC 9649.
 * @throws where it is no WebP picture
 */
export async function withStickerPack(
  sticker: Blob,
  pack: { id: string; name: string; author: string },
): Promise<Blob> {
  const bytes = new Uint8Array(await sticker.arrayBuffer())
  const view = new DataView(bytes.buffer)
  const textAt = (at: number) => String.fromCharCode(...bytes.subarray(at, at + 4))
  if (bytes.length < 20 || textAt(0) !== 'RIFF' || textAt(8) !== 'WEBP')
    throw new Error('it is no WebP picture')
  const [hasExif, hasAlpha] = [0x08, 0x10]

  /** Kept with a byte more where its length is odd. */
  const chunk = (name: string, data: Uint8Array): Uint8Array<ArrayBuffer> => {
    const made = new Uint8Array(8 + data.length + (data.length % 2))
    made.set(new TextEncoder().encode(name))
    new DataView(made.buffer).setUint32(4, data.length, true)
    made.set(data, 8)
    return made
  }

  const chunks: { name: string; data: Uint8Array }[] = []
  for (let at = 12; at + 8 <= bytes.length; ) {
    const length = view.getUint32(at + 4, true)
    const data = bytes.slice(at + 8, at + 8 + length)
    if (data.length < length) throw new Error('it is no whole WebP picture')
    if (textAt(at) !== 'EXIF') chunks.push({ name: textAt(at), data })
    at += 8 + length + (length % 2)
  }

  /** Of a picture without a head of its own. */
  const headOf = ({ name, data }: { name: string; data: Uint8Array }): Uint8Array => {
    const head = new Uint8Array(10)
    const given = new DataView(data.buffer, data.byteOffset)
    const isLossless = name === 'VP8L'
    const bits = isLossless ? given.getUint32(1, true) : 0
    const width = isLossless ? (bits & 0x3fff) + 1 : given.getUint16(6, true) & 0x3fff
    const height = isLossless ? ((bits >> 14) & 0x3fff) + 1 : given.getUint16(8, true) & 0x3fff
    if (isLossless && (bits >> 28) & 1) head[0] = hasAlpha
    const numbers = new DataView(head.buffer)
    numbers.setUint16(4, width - 1, true)
    numbers.setUint16(7, height - 1, true)
    return head
  }

  const [first, ...others] = chunks
  if (!first) throw new Error('it is no WebP picture')
  const hasHead = first.name === 'VP8X'
  const head = hasHead ? first.data : headOf(first)
  head[0] = (head[0] ?? 0) | hasExif

  const said = new TextEncoder().encode(
    JSON.stringify({
      'sticker-pack-id': pack.id,
      'sticker-pack-name': pack.name,
      'sticker-pack-publisher': pack.author,
      emojis: [''],
    }),
  )
  // One entry: field 0x5741, of no type, so many bytes from the 22nd on.
  const exif = new Uint8Array(22 + said.length)
  exif.set([0x49, 0x49, 0x2a, 0, 8, 0, 0, 0, 1, 0, 0x41, 0x57, 7, 0])
  new DataView(exif.buffer).setUint32(14, said.length, true)
  exif.set([0x16, 0, 0, 0], 18)
  exif.set(said, 22)

  const parts = [
    chunk('VP8X', head),
    ...(hasHead ? others : chunks).map(({ name, data }) => chunk(name, data)),
    chunk('EXIF', exif),
  ]
  const size = parts.reduce((sum, { length }) => sum + length, 4)
  const start = chunk('RIFF', new TextEncoder().encode('WEBP'))
  new DataView(start.buffer).setUint32(4, size, true)
  return new Blob([start, ...parts], { type: 'image/webp' })
}
