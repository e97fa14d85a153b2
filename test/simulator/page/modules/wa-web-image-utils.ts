/** Pixels of a sticker's side. */
const STICKER_SIZE = 512

export const WAWebImageUtils = {
  /** The image, fitted into a sticker's square. */
  async toWebpSticker(file: Blob): Promise<Blob> {
    const image = await createImageBitmap(file)
    const canvas = new OffscreenCanvas(STICKER_SIZE, STICKER_SIZE)
    const scale = STICKER_SIZE / Math.max(image.width, image.height)
    const [width, height] = [image.width * scale, image.height * scale]
    canvas
      .getContext('2d')
      ?.drawImage(image, (STICKER_SIZE - width) / 2, (STICKER_SIZE - height) / 2, width, height)
    return canvas.convertToBlob({ type: 'image/webp' })
  },
}
