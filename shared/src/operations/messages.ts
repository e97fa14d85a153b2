import { z } from 'zod'
import { exampleMessage, messageDataSchema } from '../events/message-data.ts'
import { personSchema as eventPerson } from '../events/person.ts'
import { event as eventKind } from '../messages/kinds/event.ts'
import { textSchema } from '../messages/kinds/text.ts'
import { MEDIA_ID_PATTERN } from '../messages/media.ts'
import { messageIdSchema } from '../messages/message-id.ts'
import { chatIdSchema, personSchema } from '../messages/recipient.ts'
import { pageQuery, pageSchema } from '../paging.ts'
import { operation } from './operation.ts'

const messageInput = z.object({ id: messageIdSchema })

/** The message that an operation was about. */
const messageFields = {
  id: z
    .string()
    .describe("WhatsApp's id of the message; of one that was sent through us it is ours as well."),
  messageId: z.string().describe("WhatsApp's full id."),
  chatId: z.string().describe('As WhatsApp has it.'),
}

const ours = {
  id: '3EB0C767D097B7C3F2A1B4',
  messageId: 'true_5511999887766@c.us_3EB0C767D097B7C3F2A1B4',
  chatId: '5511999887766@c.us',
}
const theirs = {
  id: '3A5B2C1D0E9F8A7B6C5D',
  messageId: 'false_5511999887766@c.us_3A5B2C1D0E9F8A7B6C5D',
  chatId: '5511999887766@c.us',
}
const onOurs = { id: ours.id }
const onTheirs = { id: theirs.messageId }

/** What is done to one message, once. */
const change = { input: messageInput, access: 'sender' } as const
const refused = ['message_not_found', 'message_not_sent'] as const

const emojiSchema = z
  .string()
  .max(64)
  .refine((text) => text === '' || isOneEmoji(text), 'must be one emoji, or empty to take the reaction back')
  .describe('One emoji; empty takes the reaction back.')

function isOneEmoji(text: string): boolean {
  const [, another] = new Intl.Segmenter().segment(text)
  return another === undefined && /\p{Extended_Pictographic}|\p{Regional_Indicator}{2}|\u20e3/u.test(text)
}

/** What is told of a message. */
const reading = { input: messageInput, access: 'viewer' } as const
const person = eventPerson.omit({ pushName: true })
const maria = { phone: '5511999887766', lid: '163971247583412@lid' }
const moment = z.iso.datetime().nullable()

const { type: _type, ...eventFields } = eventKind.schema.shape
const responseSchema = z.enum(['going', 'not_going', 'maybe', 'none'])

const PIN_DURATIONS = '86400 (a day), 604800 (a week) or 2592000 (30 days)'

export const messageOperations = [
  operation({
    ...change,
    name: 'message.edit',
    isDestructive: true,
    summary:
      'Gives a text, or the caption of a file, another wording. Only an own message, and within 15 minutes',
    input: messageInput.extend({
      text: textSchema,
      mentions: z
        .array(personSchema)
        .max(256)
        .default([])
        .describe('The people whom the text names with `@`.'),
      linkPreview: z.boolean().default(true).describe('Whether a preview of the first link may be shown.'),
    }),
    output: z.object({ ...messageFields, text: z.string() }),
    http: { method: 'PATCH', path: '/messages/:id' },
    errors: [
      ...refused,
      'message_not_own',
      'message_too_old',
      'message_not_editable',
      'message_revoked',
      'mention_not_on_whatsapp',
    ],
    example: {
      input: { ...onOurs, text: 'See you at eight' },
      output: { ...ours, text: 'See you at eight' },
    },
  }),

  operation({
    ...change,
    name: 'message.revoke',
    isDestructive: true,
    summary:
      "Deletes a message for everyone in its chat, or for the account alone. For everyone: an own message within about two days, and as an admin of its group anybody's",
    input: messageInput.extend({
      forEveryone: z.boolean().describe('False deletes it for the account alone.'),
    }),
    output: z.object({ ...messageFields, forEveryone: z.boolean() }),
    http: { method: 'POST', path: '/messages/:id/revoke' },
    errors: [...refused, 'message_not_own', 'message_too_old'],
    example: {
      input: { ...onOurs, forEveryone: true },
      output: { ...ours, forEveryone: true },
    },
  }),

  operation({
    ...change,
    name: 'message.react',
    summary: 'Reacts to a message, in place of an earlier reaction of the account',
    input: messageInput.extend({ emoji: emojiSchema }),
    output: z.object({ ...messageFields, emoji: z.string() }),
    http: { method: 'PUT', path: '/messages/:id/reaction' },
    errors: [...refused, 'message_revoked'],
    example: { input: { ...onTheirs, emoji: '👍' }, output: { ...theirs, emoji: '👍' } },
  }),

  operation({
    ...change,
    name: 'message.vote',
    summary:
      'Votes in a poll, in place of an earlier vote of the account; without options the vote is taken back',
    input: messageInput.extend({
      options: z.array(z.string().max(100)).max(12).describe('Each exactly as the poll has it.'),
    }),
    output: z.object({ ...messageFields, options: z.array(z.string()) }),
    http: { method: 'POST', path: '/messages/:id/vote' },
    errors: [...refused, 'message_revoked', 'not_a_poll', 'poll_options_invalid'],
    example: { input: { ...onTheirs, options: ['Tea'] }, output: { ...theirs, options: ['Tea'] } },
  }),

  operation({
    ...change,
    name: 'message.star',
    summary: 'Marks a message with a star, for the account alone',
    output: z.object({ ...messageFields, starred: z.boolean() }),
    http: { method: 'PUT', path: '/messages/:id/star' },
    errors: [...refused, 'message_not_allowed'],
    example: { input: onTheirs, output: { ...theirs, starred: true } },
  }),

  operation({
    ...change,
    name: 'message.unstar',
    summary: 'Takes the star of a message away',
    output: z.object({ ...messageFields, starred: z.boolean() }),
    http: { method: 'DELETE', path: '/messages/:id/star' },
    errors: [...refused, 'message_not_allowed'],
    example: { input: onTheirs, output: { ...theirs, starred: false } },
  }),

  operation({
    ...change,
    name: 'message.pin',
    summary: 'Pins a message at the top of its chat, for everyone in it',
    input: messageInput.extend({
      seconds: z
        .union([z.literal(86_400), z.literal(604_800), z.literal(2_592_000)], {
          error: `must be ${PIN_DURATIONS}`,
        })
        .describe(`For how long: ${PIN_DURATIONS}.`),
    }),
    output: z.object({ ...messageFields, pinned: z.literal(true), until: z.iso.datetime() }),
    http: { method: 'PUT', path: '/messages/:id/pin' },
    errors: [...refused, 'message_revoked'],
    example: {
      input: { ...onTheirs, seconds: 86_400 },
      output: { ...theirs, pinned: true, until: '2026-11-30T08:30:00.000Z' },
    },
  }),

  operation({
    ...change,
    name: 'message.unpin',
    summary: 'Takes a message from the top of its chat, for everyone in it',
    output: z.object({ ...messageFields, pinned: z.literal(false) }),
    http: { method: 'DELETE', path: '/messages/:id/pin' },
    errors: [...refused, 'message_revoked'],
    example: { input: onTheirs, output: { ...theirs, pinned: false } },
  }),

  operation({
    name: 'message.media',
    summary: 'Brings the file of a message out of the page into the store',
    input: messageInput,
    output: z.object({
      upload: z.string().regex(MEDIA_ID_PATTERN).describe('Its id in the store.'),
      mimetype: z.string().describe('As the message says.'),
      filename: z.string().optional().describe('As the message says; only documents have one.'),
    }),
    // 100 MB on a line of 7 Mbit/s. A connection on which nothing moves is closed after 150 s.
    timeoutMs: 120_000,
    access: 'viewer',
    errors: [
      'message_not_found',
      'message_without_media',
      'media_gone',
      'payload_too_large',
      'media_store_full',
    ],
    example: {
      input: onTheirs,
      output: {
        upload: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
        mimetype: 'application/pdf',
        filename: 'terms.pdf',
      },
    },
  }),

  operation({
    ...reading,
    name: 'message.receipts',
    summary:
      'Tells who has got a message of the account, has read it, or listened to it, each of a group for himself. A receipt shows here a second after it came',
    output: z.object({
      ...messageFields,
      items: z.array(
        person.extend({
          deliveredAt: moment,
          readAt: moment,
          playedAt: moment.describe('Of a voice message.'),
        }),
      ),
      remaining: z
        .object({ delivered: z.number().int(), read: z.number().int(), played: z.number().int() })
        .describe('How many people have not got it, not read it, not listened to it.'),
    }),
    http: { method: 'GET', path: '/messages/:id/receipts' },
    pace: 'server',
    errors: ['message_not_found', 'message_not_sent', 'message_not_own'],
    example: {
      input: onOurs,
      output: {
        ...ours,
        items: [
          {
            ...maria,
            deliveredAt: '2026-11-29T08:30:00.000Z',
            readAt: '2026-11-29T08:31:00.000Z',
            playedAt: null,
          },
        ],
        remaining: { delivered: 0, read: 0, played: 1 },
      },
    },
  }),

  operation({
    ...change,
    name: 'message.respond',
    summary: 'Answers whether the account comes to an event that a message announces',
    input: messageInput.extend({ response: responseSchema.describe('`none` takes an answer back.') }),
    output: z.object({ ...messageFields, response: responseSchema }),
    http: { method: 'PUT', path: '/messages/:id/response' },
    errors: [...refused, 'message_not_allowed'],
    example: {
      input: { ...onTheirs, response: 'going' },
      output: { ...theirs, response: 'going' },
    },
  }),

  operation({
    ...change,
    name: 'message.edit-event',
    summary: 'Gives an event that the account announced other fields, all that are to hold, or calls it off',
    input: messageInput.extend({
      ...eventFields,
      canceled: z.boolean().default(false),
    }),
    output: z.object(messageFields),
    http: { method: 'PUT', path: '/messages/:id/event' },
    errors: [...refused, 'message_not_own', 'message_not_allowed'],
    example: { input: { ...onOurs, ...eventKind.example }, output: ours },
  }),

  operation({
    ...change,
    name: 'message.accept-invitation',
    summary: 'Joins the group to which a private invitation leads that somebody sent to the account',
    output: z.object({ ...messageFields, groupId: z.string() }),
    http: { method: 'POST', path: '/messages/:id/accept-invitation' },
    errors: [
      'message_not_found',
      'message_not_sent',
      'message_not_allowed',
      'invite_not_valid',
      'whatsapp_refused',
    ],
    example: { input: onTheirs, output: { ...theirs, groupId: '120363041234567890@g.us' } },
  }),

  operation({
    ...reading,
    name: 'message.reactions',
    summary: 'Lists the reactions to a message',
    output: z.object({
      ...messageFields,
      items: z.array(
        z.object({ emoji: z.string(), from: person, fromMe: z.boolean(), timestamp: z.iso.datetime() }),
      ),
    }),
    http: { method: 'GET', path: '/messages/:id/reactions' },
    errors: ['message_not_found', 'message_not_sent'],
    example: {
      input: onOurs,
      output: {
        ...ours,
        items: [{ emoji: '👍', from: maria, fromMe: false, timestamp: '2026-11-29T08:31:00.000Z' }],
      },
    },
  }),

  operation({
    ...reading,
    name: 'message.votes',
    summary: 'Tells how people have voted in a poll',
    output: z.object({
      ...messageFields,
      question: z.string(),
      options: z.array(z.object({ name: z.string(), votes: z.number().int() })),
      items: z.array(
        z.object({
          from: person,
          fromMe: z.boolean(),
          options: z.array(z.string()),
          timestamp: z.iso.datetime(),
        }),
      ),
    }),
    http: { method: 'GET', path: '/messages/:id/votes' },
    errors: ['message_not_found', 'message_not_sent', 'message_revoked', 'not_a_poll'],
    example: {
      input: onOurs,
      output: {
        ...ours,
        question: 'Tea or coffee?',
        options: [
          { name: 'Tea', votes: 1 },
          { name: 'Coffee', votes: 0 },
        ],
        items: [{ from: maria, fromMe: false, options: ['Tea'], timestamp: '2026-11-29T08:31:00.000Z' }],
      },
    },
  }),

  operation({
    ...reading,
    name: 'message.search',
    summary:
      'Searches the texts of all messages that WhatsApp Web has, or of one chat, the newest first. WhatsApp says what fits a query',
    input: z.object({
      q: z.string().trim().min(1, 'must not be empty').max(200),
      chat: chatIdSchema.optional().describe('A phone number or a chat id; all chats where absent.'),
      ...pageQuery(/^\d{1,6}_\d{1,3}$/),
    }),
    output: pageSchema(messageDataSchema),
    http: { method: 'GET', path: '/messages/search' },
    errors: ['chat_not_found'],
    example: {
      input: { q: 'Oi', chat: '5511999887766', limit: 20 },
      output: { items: [exampleMessage], nextCursor: null },
    },
  }),
] as const
