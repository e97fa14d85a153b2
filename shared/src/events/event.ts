import type { z } from 'zod'

/** Something that comes back, as callers are told of it. */
export interface EventDefinition<Name extends string, Data extends z.ZodObject> {
  /** `noun.verb` */
  name: Name
  /** One sentence for the documentation: when it is told. */
  sentence: string
  data: Data
  example: z.input<Data>
}

export function event<const Name extends string, Data extends z.ZodObject>(
  definition: EventDefinition<Name, Data>,
): EventDefinition<Name, Data> {
  return definition
}
