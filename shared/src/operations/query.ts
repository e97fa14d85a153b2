import { z } from 'zod'

/** A field of a query that is true or false. */
export const flag = z
  .enum(['true', 'false'], 'must be true or false')
  .transform((written) => written === 'true')

/** The cursor of a list of messages: the second and the key of the last one. */
export const historyCursor = /^\d{1,12}_[\w.@:-]{3,200}$/

/** The cursor of a list that goes by rank and chat id. */
export const placeCursor = /^\d{1,12}_[0-9a-z.@-]{3,60}$/
