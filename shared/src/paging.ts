import { z } from 'zod'

/**
 * The query fields of every list.
 * @param cursor what a `nextCursor` of this list looks like
 */
export function pageQuery(cursor: RegExp) {
  return {
    limit: z.coerce
      .number('must be a whole number')
      .int('must be a whole number')
      .min(1, 'must be at least 1')
      .max(500, 'must be at most 500')
      .default(50),
    cursor: z
      .string()
      .regex(cursor, 'must be the `nextCursor` of a page of this list')
      .optional()
      .describe('`nextCursor` of the page before.'),
  }
}

/** The answer of every list; `nextCursor` is null at its end. */
export function pageSchema<S extends z.ZodType>(item: S) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() })
}

export interface Listed<T> {
  items: T[]
  nextCursor: string | null
}
