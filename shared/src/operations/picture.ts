import { mediaSchema } from '../messages/media.ts'

/** What is given of a picture. The gateway takes the file into the store, so that a worker gets an upload. */
export const pictureInput = {
  media: mediaSchema.describe('A JPEG, PNG or WebP picture; its middle is taken where it is not square.'),
}

/** What a picture can be refused for. */
export const pictureErrors = [
  'unsupported_media_type',
  'media_not_found',
  'media_not_fetched',
  'media_store_full',
  'payload_too_large',
  'whatsapp_refused',
] as const

export const examplePicture = { media: { url: 'https://example.org/logo.png' } }
