import { z } from 'zod'

/** WhatsApp's full id: whose it is, the chat, the id itself; in groups who wrote it, and to oneself its direction. */
const FULL_ID =
  /^(true|false)_([0-9-]{5,50}@(c\.us|lid|g\.us|newsletter)|status@broadcast)_[A-Za-z0-9.-]{1,64}(_(in|out))?(_[0-9]{5,30}@(c\.us|lid))?$/
const ID = /^[A-Za-z0-9.-]{1,64}$/

/** A message that a request names: by our id, where it was sent through us, or by WhatsApp's full one. */
export const messageIdSchema = z
  .string()
  .max(200)
  .refine(
    (id) => ID.test(id) || FULL_ID.test(id),
    "must be the id of a message: the one that POST /send answered, or WhatsApp's full one (messageId), such as false_5511999887766@c.us_3A5B2C1D0E9F8A7B6C5D",
  )
  .describe(
    "Of a message that was sent through us: our id. Of any other: WhatsApp's full id, the `messageId` of its event.",
  )

/** Whether it names its chat as well. */
export function isFullId(id: string): boolean {
  return id.includes('_')
}
