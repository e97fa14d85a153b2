import { z } from 'zod'

const bodies = z.registry<{ isBody: true }>()

/** Marks a field of an event's data as what somebody wrote. With `EVENT_BODIES=off` it is left out. */
export function body<T extends z.ZodType>(schema: T): T {
  bodies.add(schema, { isBody: true })
  return schema
}

/** Whether a field is marked, whatever is wrapped around it. */
export function isBody(field: z.core.$ZodType): boolean {
  return bodies.has(field) || (isWrapped(field) && isBody(field.def.innerType))
}

/** What of an event's data is left without what somebody wrote. A field that the schema does not have is left out too. */
export function withoutBodies(schema: z.ZodObject, data: object): Record<string, unknown> {
  const kept: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(data)) {
    const field = schema.shape[name]
    if (field === undefined || isBody(field)) continue
    kept[name] = withoutBodiesOf(field, value)
  }
  return kept
}

function withoutBodiesOf(field: z.core.$ZodType, value: unknown): unknown {
  if (isWrapped(field)) return withoutBodiesOf(field.def.innerType, value)
  if (field instanceof z.ZodArray && Array.isArray(value))
    return value.map((one) => withoutBodiesOf(field.element, one))
  return field instanceof z.ZodObject && typeof value === 'object' && value !== null
    ? withoutBodies(field, value)
    : value
}

function isWrapped(field: z.core.$ZodType): field is z.ZodOptional | z.ZodNullable {
  return field instanceof z.ZodOptional || field instanceof z.ZodNullable
}
