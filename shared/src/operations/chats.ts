import { z } from 'zod'
import { exampleMessage, messageDataSchema } from '../events/message-data.ts'
import { chatIdSchema } from '../messages/recipient.ts'
import { pageQuery, pageSchema } from '../paging.ts'
import { operation } from './operation.ts'
import { flag, historyCursor, placeCursor } from './query.ts'

/** A chat as it is told to callers. */
export const chatSchema = z.object({
  id: z.string().describe('As WhatsApp has it.'),
  phone: z.string().optional().describe("Digits of the person's number, where it is known."),
  lid: z.string().optional().describe("The person's hidden identity, where it is known."),
  name: z.string(),
  isGroup: z.boolean(),
  unreadCount: z.number().int(),
  markedUnread: z.boolean().describe('Somebody marked it as unread by hand.'),
  archived: z.boolean(),
  pinned: z.boolean(),
  muted: z.boolean(),
  mutedUntil: z.iso.datetime().optional().describe('Absent where it is muted for good.'),
  lastMessageAt: z.iso.datetime().nullable(),
})

const exampleChat: z.infer<typeof chatSchema> = {
  id: '5511999887766@c.us',
  phone: '5511999887766',
  lid: '163971247583412@lid',
  name: 'Maria',
  isGroup: false,
  unreadCount: 0,
  markedUnread: false,
  archived: false,
  pinned: false,
  muted: false,
  lastMessageAt: '2026-11-29T08:30:00.000Z',
}

const chatInput = z.object({ chatId: chatIdSchema })
const exampleInput = { chatId: '5511999887766' }

/** What changes one chat and answers what it is like then. */
const change = {
  input: chatInput,
  output: chatSchema,
  access: 'sender',
  errors: ['chat_not_found'],
} as const

const typingState = z.enum(['typing', 'recording', 'paused'])

export const chatOperations = [
  operation({
    name: 'chat.list',
    summary: 'Lists the chats, the one with the newest message first',
    input: z.object({
      ...pageQuery(placeCursor),
      kind: z.enum(['person', 'group']).optional().describe('Chats with people alone, or groups alone.'),
      unread: flag.optional().describe('With something unread or a mark that says so, or without.'),
      archived: flag.optional(),
      pinned: flag.optional(),
      muted: flag.optional(),
      name: z.string().min(1).max(100).optional().describe('A part of the name, in capitals or not.'),
    }),
    output: pageSchema(chatSchema),
    access: 'viewer',
    http: { method: 'GET', path: '/chats' },
    example: {
      input: { limit: 20, archived: 'false' },
      output: { items: [exampleChat], nextCursor: '1796000000_5511999887766@c.us' },
    },
  }),

  operation({
    name: 'chat.get',
    summary: 'Shows a chat',
    input: chatInput,
    output: chatSchema,
    access: 'viewer',
    http: { method: 'GET', path: '/chats/:chatId' },
    errors: ['chat_not_found'],
    example: { input: { chatId: '+55 11 99988-7766' }, output: exampleChat },
  }),

  operation({
    name: 'chat.history',
    summary:
      'Lists the messages of a chat, the newest first. WhatsApp Web has those that the phone gave to this device, and loads older ones from its store',
    input: chatInput.extend({
      ...pageQuery(historyCursor),
      before: z.iso.datetime({ offset: true }).optional().describe('Only what was written before that.'),
      fromMe: flag.optional().describe('What the account wrote, or what others did.'),
    }),
    output: pageSchema(messageDataSchema),
    access: 'viewer',
    http: { method: 'GET', path: '/chats/:chatId/messages' },
    errors: ['chat_not_found'],
    example: {
      input: { ...exampleInput, before: '2026-11-30T00:00:00Z', fromMe: 'false' },
      output: { items: [exampleMessage], nextCursor: null },
    },
  }),

  operation({
    name: 'chat.pinned-messages',
    summary: 'Lists the messages that are pinned in a chat',
    input: chatInput,
    output: z.object({ items: z.array(messageDataSchema) }),
    access: 'viewer',
    http: { method: 'GET', path: '/chats/:chatId/pinned' },
    errors: ['chat_not_found'],
    example: { input: exampleInput, output: { items: [exampleMessage] } },
  }),

  operation({
    ...change,
    name: 'chat.seen',
    summary:
      'Marks what is unread in a chat as read, which its writers see. The account shows itself online for that moment',
    http: { method: 'POST', path: '/chats/:chatId/seen' },
    example: { input: exampleInput, output: exampleChat },
  }),

  operation({
    ...change,
    name: 'chat.typing',
    summary:
      'Shows in a chat that the account is typing or recording; WhatsApp stops showing it after about 25 s',
    input: chatInput.extend({ state: typingState }),
    output: z.object({ id: z.string(), state: typingState }),
    http: { method: 'POST', path: '/chats/:chatId/typing' },
    isAudited: false,
    example: {
      input: { ...exampleInput, state: 'typing' },
      output: { id: exampleChat.id, state: 'typing' },
    },
  }),

  operation({
    ...change,
    name: 'chat.archive',
    summary: 'Archives a chat',
    http: { method: 'PUT', path: '/chats/:chatId/archive' },
    example: { input: exampleInput, output: { ...exampleChat, archived: true } },
  }),

  operation({
    ...change,
    name: 'chat.unarchive',
    summary: 'Takes a chat out of the archive',
    http: { method: 'DELETE', path: '/chats/:chatId/archive' },
    example: { input: exampleInput, output: exampleChat },
  }),

  operation({
    ...change,
    name: 'chat.pin',
    summary: 'Pins a chat to the top of the list. WhatsApp pins three',
    http: { method: 'PUT', path: '/chats/:chatId/pin' },
    errors: ['chat_not_found', 'too_many_pinned'],
    example: { input: exampleInput, output: { ...exampleChat, pinned: true } },
  }),

  operation({
    ...change,
    name: 'chat.unpin',
    summary: 'Takes a chat from the top of the list',
    http: { method: 'DELETE', path: '/chats/:chatId/pin' },
    example: { input: exampleInput, output: exampleChat },
  }),

  operation({
    ...change,
    name: 'chat.mute',
    summary: 'Mutes a chat, for good or until a moment',
    input: chatInput.extend({
      until: z.iso
        .datetime({ offset: true })
        .refine((until) => Date.parse(until) > Date.now(), 'must be in the future')
        .optional()
        .describe('Absent, for good.'),
    }),
    http: { method: 'PUT', path: '/chats/:chatId/mute' },
    example: {
      input: { ...exampleInput, until: '2099-01-01T08:00:00Z' },
      output: { ...exampleChat, muted: true, mutedUntil: '2099-01-01T08:00:00.000Z' },
    },
  }),

  operation({
    ...change,
    name: 'chat.unmute',
    summary: 'Ends the muting of a chat',
    http: { method: 'DELETE', path: '/chats/:chatId/mute' },
    example: { input: exampleInput, output: exampleChat },
  }),

  operation({
    ...change,
    name: 'chat.mark-unread',
    summary: 'Marks a chat as unread, on all devices of the account; nobody else sees it',
    http: { method: 'PUT', path: '/chats/:chatId/unread' },
    example: { input: exampleInput, output: { ...exampleChat, markedUnread: true } },
  }),

  operation({
    ...change,
    name: 'chat.unmark-unread',
    summary:
      'Takes the mark away that a chat is unread. Messages that are unread stay so: `POST /chats/:chatId/seen` marks those as read',
    http: { method: 'DELETE', path: '/chats/:chatId/unread' },
    example: { input: exampleInput, output: exampleChat },
  }),

  operation({
    ...change,
    name: 'chat.clear',
    isDestructive: true,
    summary: 'Deletes all messages of a chat, on the devices of the account alone; the chat stays',
    http: { method: 'DELETE', path: '/chats/:chatId/messages' },
    example: { input: exampleInput, output: exampleChat },
  }),

  operation({
    ...change,
    name: 'chat.delete',
    isDestructive: true,
    summary: 'Deletes a chat with all its messages, on the devices of the account alone',
    output: z.object({ id: z.string() }),
    http: { method: 'DELETE', path: '/chats/:chatId' },
    example: { input: exampleInput, output: { id: exampleChat.id } },
  }),
] as const
