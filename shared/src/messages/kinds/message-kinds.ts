import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { contact } from './contact.ts'
import { location } from './location.ts'
import type { MessageKind } from './message-kind.ts'
import { poll } from './poll.ts'
import { text } from './text.ts'

/** Every kind of message that can be sent. `POST /send`, the record and the worker know the kinds from here. */
const messageKinds = [text, location, contact, poll] as const

type SchemasOf<Kinds extends readonly { schema: unknown }[]> = {
  [Place in keyof Kinds]: Kinds[Place]['schema']
}
export type MessageContent = z.output<(typeof messageKinds)[number]['schema']>
export type MessageOf<Type extends MessageContent['type']> = Extract<MessageContent, { type: Type }>

/** A message in its full form. Its `type` says which kind it is. */
export const messageContentSchema = z.discriminatedUnion(
  'type',
  messageKinds.map(({ schema }) => schema) as unknown as SchemasOf<typeof messageKinds>,
  { error: `must be one of: ${messageKinds.map(({ type }) => type).join(', ')}` },
)

/** How many characters a person types for a message. */
export function typedCharacters(content: MessageContent): number {
  return kindOf(content).typedCharacters(content)
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

function kindOf(content: MessageContent): MessageKind {
  return messageKinds.find(({ type }) => type === content.type) as MessageKind
}
