import { z } from 'zod'
import { chatFields, personSchema } from './person.ts'

/** What an event says of a message to which somebody did something. */
export const aboutMessage = {
  id: z.string().describe("WhatsApp's id of the message that it is about."),
  messageId: z.string().describe("WhatsApp's full id of that message."),
  ...chatFields,
  from: personSchema.describe('Who did it.'),
  fromMe: z.boolean().describe('Whether the account did it.'),
  author: z.string().optional().describe('Chat id of who did it, in a group.'),
  timestamp: z.iso.datetime().describe('When WhatsApp says that it was done.'),
}

export const exampleAbout = {
  id: '3A5B2C1D0E9F8A7B6C5D',
  messageId: 'false_5511999887766@c.us_3A5B2C1D0E9F8A7B6C5D',
  chatId: '5511999887766@c.us',
  phone: '5511999887766',
  lid: '163971247583412@lid',
  from: { phone: '5511999887766', lid: '163971247583412@lid' },
  fromMe: false,
  timestamp: '2026-11-29T08:31:00.000Z',
}
