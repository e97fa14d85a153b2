import { z } from 'zod'
import { phoneNumberSchema } from '../recipient.ts'
import { messageKind } from './message-kind.ts'

const name = z.string().min(1).max(256)

const vcard = z
  .string()
  .max(65_536)
  .refine(
    (text) => /^BEGIN:VCARD\r?\n/.test(text) && /^FN[:;]/m.test(text) && text.trimEnd().endsWith('END:VCARD'),
    'must be a vCard with a name (FN)',
  )

const card = z.union(
  [
    z.strictObject({ vcard }),
    z.strictObject({ name, phone: phoneNumberSchema, organization: name.optional() }),
  ],
  'must have a vcard, or a name and a phone',
)

export const contact = messageKind({
  type: 'contact',
  fields: {
    contacts: z
      .array(card)
      .min(1)
      .max(1, 'must have one entry: WhatsApp Web is given one card a message')
      .describe('One card: `{vcard}`, or `{name, phone, organization?}`.'),
  },
  notTo: { channel: 'not_supported', status: 'not_supported' },
  typedCharacters: () => 0,
})
