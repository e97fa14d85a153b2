import { z } from 'zod'
import type { Place } from '../recipient.ts'

/** Why WhatsApp Web does not send something: it never does, or lacks today what that takes. */
export type NotSendable = 'not_supported' | 'not_available_in_this_page'

interface KindFacts<Type extends string, Fields extends z.ZodRawShape> {
  type: Type
  /** As a caller may write it, without its type. */
  example: z.input<z.ZodObject<Fields>>
  /** What its file may be; any where absent. One that is named without parameters is meant with all of them. */
  mimetypes?: readonly string[]
  /** What its file is made of the first of `mimetypes`, where there is a converter. */
  convertible?: readonly string[]
  /** Where it cannot be sent. */
  notTo?: Partial<Record<Place, NotSendable>>
  /** How many characters a person types for it: how long the typing indicator is shown. */
  typedCharacters(content: z.output<z.ZodObject<Fields>>): number
  /** It is spoken and not typed. */
  isSpoken?: true
}

/** One kind of message. A field with a default need not be given, and giving the default changes nothing. */
export interface MessageKind<Type extends string = string, Fields extends z.ZodRawShape = z.ZodRawShape>
  extends KindFacts<Type, Fields> {
  schema: z.ZodObject<{ type: z.ZodLiteral<Type> } & Fields, z.core.$strict>
}

interface KindDescription<Type extends string, Fields extends z.ZodRawShape> extends KindFacts<Type, Fields> {
  fields: Fields
  /** What the fields cannot say of themselves, each alone. */
  check?(content: z.output<z.ZodObject<Fields>>, context: z.RefinementCtx): void
}

/** Describes a kind of message; `message-kinds.ts` has the table. */
export function messageKind<const Type extends string, Fields extends z.ZodRawShape>(
  kind: KindDescription<Type, Fields>,
): MessageKind<Type, Fields> {
  const { fields, check, ...rest } = kind
  const schema = z.strictObject({ type: z.literal(kind.type), ...fields })
  return { ...rest, schema: check ? schema.superRefine(check as never) : schema }
}
