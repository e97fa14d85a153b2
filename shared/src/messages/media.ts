import { z } from 'zod'

/** The SHA-256 of a file's bytes, as 64 hex digits. */
export const MEDIA_ID_PATTERN = /^[0-9a-f]{64}$/

const mimetype = z
  .string()
  .max(128)
  .regex(/^[\w.+-]+\/[\w.+-]+(; ?[\w.+-]+=[\w.+-]+)*$/, 'must be a media type, such as text/csv')
  .optional()
  .describe('What the file is, where its bytes do not tell.')

/** A file that is in the store: the form that a record has. */
export const storedMediaSchema = z.strictObject({
  upload: z
    .string()
    .regex(MEDIA_ID_PATTERN, 'must be the id that POST /media answered')
    .describe('The id that `POST /media` answered.'),
  mimetype,
})
export type StoredMedia = z.infer<typeof storedMediaSchema> & { sound?: Sound | undefined }

const soundSchema = z.strictObject({
  seconds: z.number().nonnegative(),
  /** How loud it is from beginning to end, in equal steps: 0 to 100. */
  waveform: z.array(z.number().int().min(0).max(100)).length(64),
})
/** What is told of a voice message beside its bytes. */
export type Sound = z.infer<typeof soundSchema>

/** What a file was made into, for WhatsApp does not take it as it is. */
export const convertedSchema = storedMediaSchema.required().extend({ sound: soundSchema.optional() })
export type Converted = z.infer<typeof convertedSchema>

/** A file as a request names it. */
export const mediaSchema = z.union(
  [
    storedMediaSchema,
    z.strictObject({
      url: z
        .url({ protocol: /^https?$/, error: 'must be an http or https address' })
        .max(4_096)
        .describe('Where it is fetched from before the message is accepted; only from public addresses.'),
      mimetype,
    }),
    z.strictObject({
      data: z
        .string()
        .min(1, 'must not be empty')
        .describe('Base64, also URL-safe, with line breaks or with a `data:` prefix. For small files.'),
      mimetype,
    }),
  ],
  'must have an upload (the id that POST /media answered), a url, or data (base64)',
)
export type Media = z.infer<typeof mediaSchema>
