import { withStickerPack } from '@wsg/worker/src/whatsapp/page/sending/with-sticker-pack.ts'
import { expect, test } from 'vitest'

const pack = { id: 'ID', name: 'Tea Ж', author: 'Ann' }

function chunk(name: string, data: Buffer): Buffer {
  const head = Buffer.alloc(8)
  head.write(name)
  head.writeUInt32LE(data.length, 4)
  return Buffer.concat([head, data, Buffer.alloc(data.length % 2)])
}
function webp(...chunks: Buffer[]): Blob {
  const body = Buffer.concat([Buffer.from('WEBP'), ...chunks])
  return new Blob([new Uint8Array(chunk('RIFF', body))])
}
/** The chunks of a picture by their names, once its sizes were found to be right. */
async function read(picture: Blob): Promise<Map<string, Buffer>> {
  const bytes = Buffer.from(await picture.arrayBuffer())
  expect(bytes.toString('latin1', 0, 4) + bytes.toString('latin1', 8, 12)).toBe('RIFFWEBP')
  expect(bytes.readUInt32LE(4)).toBe(bytes.length - 8)
  const chunks = new Map<string, Buffer>()
  for (let at = 12; at < bytes.length; ) {
    const length = bytes.readUInt32LE(at + 4)
    chunks.set(bytes.toString('latin1', at, at + 4), bytes.subarray(at + 8, at + 8 + length))
    at += 8 + length + (length % 2)
  }
  return chunks
}
const saidIn = (exif: Buffer | undefined) => JSON.parse(String(exif?.subarray(exif.readUInt32LE(18))))

/** 300 x 200, as each coding has it. */
const lossy = Buffer.from([0, 0, 0, 0x9d, 0x01, 0x2a, 300 % 256, 300 >> 8, 200, 0, 7])
const lossless = Buffer.alloc(6)
lossless[0] = 0x2f
lossless.writeUInt32LE((299 | (199 << 14) | (1 << 28)) >>> 0, 1)

test.each([
  ['lossy', 'VP8 ', lossy, 0x08],
  ['lossless, with alpha', 'VP8L', lossless, 0x18],
])('a %s picture gets a head with its size, and says its pack', async (_what, name, data, flags) => {
  const chunks = await read(await withStickerPack(webp(chunk(name, data)), pack))
  expect([...chunks.keys()]).toEqual(['VP8X', name, 'EXIF'])
  const head = chunks.get('VP8X') as Buffer
  expect([head[0], head.readUIntLE(4, 3) + 1, head.readUIntLE(7, 3) + 1]).toEqual([flags, 300, 200])
  expect(chunks.get(name)).toEqual(data)
  expect(saidIn(chunks.get('EXIF'))).toMatchObject({
    ...{ 'sticker-pack-id': 'ID', 'sticker-pack-name': 'Tea Ж', 'sticker-pack-publisher': 'Ann' },
  })
})

test('an animated picture keeps its frames, and what it said before gives way', async () => {
  const head = Buffer.from([0x0a, 0, 0, 0, 1, 0, 0, 1, 0, 0])
  const frames = [chunk('ANIM', Buffer.alloc(6)), chunk('ANMF', Buffer.from('frame'))]
  const old = chunk('EXIF', Buffer.from('old'))
  const chunks = await read(await withStickerPack(webp(chunk('VP8X', head), ...frames, old), pack))
  expect([...chunks.keys()]).toEqual(['VP8X', 'ANIM', 'ANMF', 'EXIF'])
  expect(chunks.get('VP8X')).toEqual(head)
  expect(String(chunks.get('ANMF'))).toBe('frame')
  expect(saidIn(chunks.get('EXIF'))).toMatchObject({ 'sticker-pack-publisher': 'Ann' })
})

test.each([
  ['no WebP', new Blob(['GIF89a, and more than twenty bytes'])],
  ['cut short', webp(chunk('VP8 ', lossy)).slice(0, 24)],
])('what is %s is refused', async (_what, picture) => {
  await expect(withStickerPack(picture, pack)).rejects.toThrow('WebP')
})
