import { z } from 'zod'
import { body } from './bodies.ts'
import { chatFields, personSchema } from './person.ts'

const point = z.object({
  latitude: z.number(),
  longitude: z.number(),
  name: z.string().optional(),
  address: z.string().optional(),
})

/** A message as it is told to callers. */
export const messageDataSchema = z.object({
  id: z
    .string()
    .describe("WhatsApp's id of the message; of one that was sent through us it is ours as well."),
  messageId: z.string().describe("WhatsApp's full id, which replies and operations take as well."),
  ...chatFields,
  from: personSchema.describe('Who wrote it.'),
  fromMe: z.boolean(),
  author: z.string().optional().describe('Chat id of who wrote it, in a group.'),
  type: z.string().describe("WhatsApp's word; `text` for a text."),
  text: body(z.string().describe('The text, or the caption; empty where there is none.')),
  bodyUrl: z
    .string()
    .optional()
    .describe('Where what was written is read at this service, where `EVENT_BODIES` is `off`.'),
  mentions: z.array(z.string()).describe('Chat ids.'),
  quoted: z
    .object({ id: z.string(), author: z.string().optional(), type: z.string(), text: body(z.string()) })
    .optional()
    .describe('What it answers.'),
  media: z
    .object({
      url: z
        .string()
        .describe(
          "Where the file is: `GET` it with a token and the session's id. A path of this API, and a whole address where `PUBLIC_URL` is set. 410 where WhatsApp does not have it any more.",
        ),
      state: z
        .literal('pending')
        .describe(
          'WhatsApp has it; it is fetched when you ask for it. No event tells what became of it later.',
        ),
      mimetype: z.string().optional(),
      size: z.number().int().optional().describe('Bytes.'),
      filename: body(z.string().optional()),
      seconds: z.number().optional(),
    })
    .optional(),
  location: body(point.optional()),
  contacts: body(z.array(z.object({ vcard: z.string() })).optional()),
  poll: body(
    z.object({ question: z.string(), options: z.array(z.string()), multiple: z.boolean() }).optional(),
  ),
  forwarded: z.literal(true).optional(),
  timestamp: z.iso.datetime().describe('When WhatsApp says that it was written.'),
  ack: z.number().int().describe('0 waiting, 1 server, 2 device, 3 read, 4 played; -1 for an error.'),
  reference: z.string().optional().describe('Your own word, of a message that was sent through us.'),
})
export type MessageData = z.infer<typeof messageDataSchema>

export const exampleMessage: MessageData = {
  id: '3A5B2C1D0E9F8A7B6C5D',
  messageId: 'false_5511999887766@c.us_3A5B2C1D0E9F8A7B6C5D',
  chatId: '5511999887766@c.us',
  phone: '5511999887766',
  lid: '163971247583412@lid',
  from: { phone: '5511999887766', lid: '163971247583412@lid', pushName: 'Maria' },
  fromMe: false,
  type: 'text',
  text: 'Oi',
  mentions: [],
  timestamp: '2026-11-29T08:30:00.000Z',
  ack: 1,
}
