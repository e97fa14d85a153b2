import { z } from 'zod'

/** One kind of message. A field with a default need not be given, and giving the default changes nothing. */
export interface MessageKind<Type extends string = string, Fields extends z.ZodRawShape = z.ZodRawShape> {
  type: Type
  schema: z.ZodObject<{ type: z.ZodLiteral<Type> } & Fields, z.core.$strict>
  /** What its file may be; any where absent. One that is named without parameters is meant with all of them. */
  mimetypes?: readonly string[]
  /** How many characters a person types for it: how long the typing indicator is shown. */
  typedCharacters(content: z.output<z.ZodObject<Fields>>): number
}

/** Describes a kind of message; `message-kinds.ts` has the table. */
export function messageKind<const Type extends string, Fields extends z.ZodRawShape>(kind: {
  type: Type
  fields: Fields
  mimetypes?: readonly string[]
  typedCharacters(content: z.output<z.ZodObject<Fields>>): number
}): MessageKind<Type, Fields> {
  const { fields, ...rest } = kind
  return { ...rest, schema: z.strictObject({ type: z.literal(kind.type), ...fields }) }
}
