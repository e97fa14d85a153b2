import QRCode from 'qrcode'

/** The quiet zone of four modules is the standard's: scanners fail on less. */
const picture = { margin: 4, scale: 6 }

export function toDataUrl(code: string): Promise<string> {
  return QRCode.toDataURL(code, picture)
}

export function toPng(code: string): Promise<Buffer> {
  return QRCode.toBuffer(code, { ...picture, type: 'png' })
}

const BLACK_ON_WHITE = '\x1b[30;47m'
const RESET = '\x1b[0m'

/**
 * A QR for a terminal: two modules to a character, black on white whatever the terminal's own colours are, since
 * not every phone reads an inverted code.
 */
export function toTerminalText(code: string): string {
  const { modules } = QRCode.create(code, {})
  const { margin } = picture
  const isDark = (x: number, y: number): boolean =>
    x >= 0 && y >= 0 && x < modules.size && y < modules.size && modules.get(y, x) === 1
  const lines: string[] = []
  for (let y = -margin; y < modules.size + margin; y += 2) {
    let line = ''
    for (let x = -margin; x < modules.size + margin; x += 1) {
      line += blocks[Number(isDark(x, y)) * 2 + Number(isDark(x, y + 1))]
    }
    lines.push(`${BLACK_ON_WHITE}${line}${RESET}`)
  }
  return `${lines.join('\n')}\n`
}

const blocks = [' ', '▄', '▀', '█'] as const
