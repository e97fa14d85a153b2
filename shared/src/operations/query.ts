import { z } from 'zod'

/** A field of a query that is true or false. */
export const flag = z
  .enum(['true', 'false'], 'must be true or false')
  .transform((written) => written === 'true')
