import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import type { MediaStore } from '../media-store.ts'
import type { Letter } from '../post-office.ts'
import { digits } from './control-parts.ts'

const words = z.string().min(1).max(65_536)
const name = z.string().min(1).max(100)

/** What a person writes on a phone: text, a file, one of the other kinds by what a person knows of it, or any type with its fields. */
export const contentShape = {
  body: words.optional(),
  media: z
    .strictObject({
      mimetype: z.string().regex(/^[\w.+-]+\/[\w.+-]+/, 'a mimetype such as image/jpeg'),
      data: z.base64(),
      type: z.enum(['image', 'video', 'audio', 'ptt', 'document', 'sticker']).optional(),
      filename: z.string().min(1).max(255).optional(),
    })
    .optional(),
  location: z
    .strictObject({
      latitude: z.number().min(-90).max(90),
      longitude: z.number().min(-180).max(180),
      name: name.optional(),
      address: name.optional(),
    })
    .optional(),
  contact: z.strictObject({ name, phone: digits }).optional(),
  poll: z
    .strictObject({
      question: z.string().min(1).max(255),
      options: z.array(name).min(2).max(12),
      multiple: z.boolean().default(false),
    })
    .optional(),
  event: z.strictObject({ name, startsAt: z.iso.datetime({ offset: true }) }).optional(),
  type: z.string().min(1).max(50).optional(),
  fields: z.record(z.string(), z.json()).optional(),
}
type Content = z.infer<z.ZodObject<typeof contentShape>>
type Written = Pick<Letter, 'body' | 'type' | 'extras'>

const kinds = ['media', 'location', 'contact', 'poll', 'event', 'type'] as const

/** For a schema with `contentShape`: a text, or one other kind. A text beside a file is its caption. */
export function saysOneThing(content: Content): boolean {
  const given = kinds.filter((kind) => content[kind] !== undefined)
  const withText = given.length === 0 || given[0] === 'media' || given[0] === 'type'
  return content.body === undefined ? given.length === 1 : given.length <= 1 && withText
}

/** The message that a phone makes of it, with the fields that the page's model of such a message has. */
export async function writtenOnPhone(files: MediaStore, content: Content): Promise<Written> {
  const { body = '', media, location, contact, poll, event, type, fields } = content
  if (media) return await fileMessage(files, media, body)
  if (location) {
    const { latitude: lat, longitude: lng, name: place, address } = location
    const loc = [place, address].filter((line) => line !== undefined).join('\n')
    return { body: '', type: 'location', extras: { lat, lng, ...(loc !== '' && { loc }) } }
  }
  if (contact) {
    const { name: who, phone } = contact
    const lines = ['BEGIN:VCARD', 'VERSION:3.0', `N:;${who};;;`, `FN:${who}`]
    const card = [...lines, `TEL;type=CELL;waid=${phone}:+${phone}`, 'END:VCARD'].join('\n')
    return { body: card, type: 'vcard', extras: { vcardFormattedName: who } }
  }
  if (poll)
    return {
      body: '',
      type: 'poll_creation',
      extras: {
        pollName: poll.question,
        pollOptions: poll.options.map((option, localId) => ({ name: option, localId })),
        pollSelectableOptionsCount: poll.multiple ? 0 : 1,
      },
    }
  if (event) {
    const eventStartTime = Math.floor(Date.parse(event.startsAt) / 1_000)
    return { body: '', type: 'event_creation', extras: { eventName: event.name, eventStartTime } }
  }
  return { body, ...(type !== undefined && { type }), ...(fields && { extras: fields }) }
}

/** Stores the file, and says of it what a message says. */
async function fileMessage(
  files: MediaStore,
  { data, mimetype, type, filename }: NonNullable<Content['media']>,
  caption: string,
): Promise<Written> {
  const stored = await files.store(Buffer.from(data, 'base64'))
  const kind = /^(?:image|video|audio)(?=\/)/.exec(mimetype)?.[0] ?? 'document'
  return {
    body: '',
    type: type ?? kind,
    extras: {
      ...stored,
      encFilehash: stored.filehash,
      mediaKey: randomBytes(32).toString('base64'),
      mediaKeyTimestamp: Math.floor(Date.now() / 1000),
      mimetype,
      ...(caption !== '' && { caption }),
      ...(filename !== undefined && { filename }),
    },
  }
}
