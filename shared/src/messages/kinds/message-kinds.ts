import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import type { Media, StoredMedia } from '../media.ts'
import { type Place, placeOf, recipientKey } from '../recipient.ts'
import { audio } from './audio.ts'
import { contact } from './contact.ts'
import { document } from './document.ts'
import { event } from './event.ts'
import { forward } from './forward.ts'
import { image } from './image.ts'
import { location } from './location.ts'
import type { MessageKind, NotSendable } from './message-kind.ts'
import { poll } from './poll.ts'
import { sticker } from './sticker.ts'
import { text } from './text.ts'
import { video } from './video.ts'
import { voice } from './voice.ts'

/** Every kind of message that can be sent. `POST /send`, the record and the worker know the kinds from here. */
export const messageKinds = [
  text,
  image,
  video,
  audio,
  voice,
  document,
  sticker,
  location,
  contact,
  poll,
  event,
  forward,
] as const

type SchemasOf<Kinds extends readonly { schema: unknown }[]> = {
  [Place in keyof Kinds]: Kinds[Place]['schema']
}
/** A message in its full form, as a request has it. */
export type RequestedContent = z.output<(typeof messageKinds)[number]['schema']>
/** A message as its record has it: its file is in the store. */
export type MessageContent = RequestedContent extends infer Content ? Stored<Content> : never
type Stored<Content> = Content extends { media: Media }
  ? Omit<Content, 'media'> & { media: StoredMedia }
  : Content
export type MessageOf<Type extends MessageContent['type']> = Extract<MessageContent, { type: Type }>

/** A message in its full form, as a request has it. Its `type` says which kind it is. */
export const requestedContentSchema = z.discriminatedUnion(
  'type',
  messageKinds.map(({ schema }) => schema) as unknown as SchemasOf<typeof messageKinds>,
  { error: `must be one of: ${messageKinds.map(({ type }) => type).join(', ')}` },
)

/** A message as its record has it. Bytes never come into one. */
export const messageContentSchema = requestedContentSchema.refine(
  (content) => !('media' in content) || 'upload' in content.media,
) as unknown as z.ZodType<MessageContent>

/** The kinds of message whose files a converter makes fit, of what is not. */
export const convertedKinds = ['image', 'video', 'voice'] as const
export type ConvertedKind = (typeof convertedKinds)[number]

interface FileVerdict {
  /** Whether it is sent as it is, has to be converted, or cannot be sent. */
  verdict: 'fits' | 'convertible' | 'refused'
  /** What it has to be converted for; null where it has not to be, or cannot. */
  as: ConvertedKind | null
  /** What it may be; any type where it is empty. */
  accepted: readonly string[]
}

/** Judges the file of such a message. @param mimetype what it is by its bytes */
export function judgeFile(type: MessageContent['type'], mimetype: string): FileVerdict {
  const kind = kindOf({ type })
  const { mimetypes: accepted = [], convertible } = kind
  if (fits(kind, mimetype)) return { verdict: 'fits', as: null, accepted }
  const as = convertedKinds.find((one) => one === type && convertible?.includes(mimetype)) ?? null
  return { verdict: as === null ? 'refused' : 'convertible', as, accepted }
}

/** The kind of message that a file becomes of which nothing else is said. */
export function kindOfFile(mimetype: string): MessageContent['type'] {
  const kinds: readonly MessageKind<MessageContent['type']>[] = messageKinds as never
  return kinds.find((kind) => kind.mimetypes !== undefined && fits(kind, mimetype))?.type ?? 'document'
}

/** Whether the file of such a message arrives under a name. */
export function takesFilename(type: string): boolean {
  return messageKinds.some((kind) => kind.type === type && 'filename' in kind.schema.shape)
}

function fits({ mimetypes }: MessageKind, mimetype: string): boolean {
  const [plain = mimetype] = mimetype.split(';')
  return mimetypes === undefined || mimetypes.includes(mimetype) || mimetypes.includes(plain)
}

/** What is about one person or one message, and cannot be said where nobody in particular is addressed. */
const addressedFields = ['replyTo', 'mentions', 'viewOnce']

/** @returns why WhatsApp Web does not send such a message there, in a sentence; null where it does */
export function refusalOf({
  to,
  message,
  replyTo,
}: {
  to: string
  message: RequestedContent
  replyTo?: string | undefined
}): { code: NotSendable; sentence: string } | null {
  const place = placeOf(recipientKey(to))
  const code = kindOf(message).notTo?.[place]
  if (code !== undefined) {
    const who = code === 'not_supported' ? 'WhatsApp Web' : 'WhatsApp Web, as it is today,'
    return { code, sentence: `${who} sends no message of type ${message.type} to a ${place}.` }
  }
  if (!isOpen(place)) return null
  const said: Record<string, unknown> = { replyTo, ...canonicalContent(message as MessageContent) }
  const field = addressedFields.find((name) => said[name] !== undefined)
  if (field === undefined) return null
  return { code: 'not_supported', sentence: `A message to a ${place} has no ${field}: leave it out.` }
}

/** Whether nobody in particular is addressed there. */
export function isOpen(place: Place): boolean {
  return place === 'channel' || place === 'status'
}

/** What a person is seen to do before a message comes, and how many characters that is worth. */
export function composing(content: MessageContent): { does: 'typing' | 'recording'; characters: number } {
  const kind = kindOf(content)
  return { does: kind.isSpoken ? 'recording' : 'typing', characters: kind.typedCharacters(content) }
}

/** What tells one message from another: its type, and each field that differs from its default. */
export function canonicalContent(content: MessageContent): Record<string, unknown> {
  const fields: Record<string, unknown> = kindOf(content).schema.shape
  const isDefault = ([name, value]: [string, unknown]) => {
    const field = fields[name]
    return field instanceof z.ZodDefault && isDeepStrictEqual(field.def.defaultValue, value)
  }
  const given = Object.entries(content).filter((entry) => !isDefault(entry))
  return Object.fromEntries(given.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

function kindOf(content: { type: MessageContent['type'] }): MessageKind {
  return messageKinds.find(({ type }) => type === content.type) as MessageKind
}
