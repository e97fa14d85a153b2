import { z } from 'zod'
import { personSchema, phoneNumberSchema } from '../recipient.ts'
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
    z.strictObject({ id: personSchema }),
  ],
  'must have a vcard, a name and a phone, or an id',
)

export const contact = messageKind({
  type: 'contact',
  fields: {
    contacts: z
      .array(card)
      .min(1)
      .max(100)
      .describe('Each `{vcard}`, `{name, phone, organization?}`, or `{id}` of somebody on WhatsApp.'),
  },
  notTo: { channel: 'not_supported', status: 'not_supported' },
  example: { contacts: [{ name: 'Maria', phone: '5511999887766', organization: 'The shop' }] },
  typedCharacters: () => 0,
})
