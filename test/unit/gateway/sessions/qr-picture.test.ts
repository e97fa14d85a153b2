import { toDataUrl, toPng, toTerminalText } from '@wsg/gateway/src/sessions/qr-picture.ts'
import jsqr from 'jsqr'
import { expect, test } from 'vitest'

// jsqr is CommonJS: Vitest gives what TypeScript calls its default.
const readCode = jsqr as unknown as typeof jsqr.default

const CODE = `2@${'aB3/+='.repeat(30)},${'k'.repeat(44)},${'n'.repeat(44)},c2VjcmV0`

test('the data URL holds the picture, square and large enough for a phone', async () => {
  const png = await toPng(CODE)
  expect(await toDataUrl(CODE)).toBe(`data:image/png;base64,${png.toString('base64')}`)
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)]
  expect(width).toBe(height)
  expect(width).toBeGreaterThan(300)
})

test('the text can be scanned from a terminal, black on white whatever its colours are', () => {
  const lines = toTerminalText(CODE).trimEnd().split('\n')
  const rows = lines.flatMap((line) => {
    expect(line.startsWith('\x1b[30;47m') && line.endsWith('\x1b[0m')).toBe(true)
    const characters = [...line.slice('\x1b[30;47m'.length, -'\x1b[0m'.length)]
    return [characters.map((one) => '▀█'.includes(one)), characters.map((one) => '▄█'.includes(one))]
  })
  const [scale, side] = [4, rows[0]?.length ?? 0]
  const pixels = new Uint8ClampedArray(rows.length * side * scale * scale * 4).fill(255)
  for (let y = 0; y < rows.length * scale; y += 1) {
    for (let x = 0; x < side * scale; x += 1) {
      const dark = rows[Math.floor(y / scale)]?.[Math.floor(x / scale)] === true
      pixels.fill(dark ? 0 : 255, (y * side * scale + x) * 4, (y * side * scale + x) * 4 + 3)
    }
  }
  expect(readCode(pixels, side * scale, rows.length * scale)?.data).toBe(CODE)
})
