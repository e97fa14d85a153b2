type JsQr = (pixels: Uint8ClampedArray, width: number, height: number) => { data: string } | null

/** Reads the QR code in a picture. Throws when there is none in it. */
export async function readQrImage(picture: Blob): Promise<string> {
  const bitmap = await createImageBitmap(picture)
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height)
  const context = canvas.getContext('2d')
  if (!context) throw new Error('this browser cannot read pictures')
  // White below, because a transparent ground would be read as black.
  context.fillStyle = 'white'
  context.fillRect(0, 0, bitmap.width, bitmap.height)
  context.drawImage(bitmap, 0, 0)
  const { data, width, height } = context.getImageData(0, 0, bitmap.width, bitmap.height)
  const found = (Reflect.get(window, 'jsQR') as JsQr)(data, width, height)
  if (!found) throw new Error('there is no readable QR code in this picture')
  return found.data
}
