import { z } from 'zod'
import { exampleMessage, messageDataSchema } from '../events/message-data.ts'
import { channelIdSchema, personSchema } from '../messages/recipient.ts'
import { pageQuery, pageSchema } from '../paging.ts'
import { operation } from './operation.ts'
import { examplePerson, personIdsSchema } from './people.ts'
import { examplePicture, pictureErrors, pictureInput } from './picture.ts'
import { historyCursor, placeCursor } from './query.ts'

const roleSchema = z.enum(['owner', 'admin', 'subscriber', 'guest'])
const reactionsSchema = z.enum(['all', 'basic', 'none'])

export const channelSchema = z.object({
  id: z.string().describe('As WhatsApp has it.'),
  name: z.string(),
  description: z.string().nullable(),
  inviteLink: z.url().nullable(),
  createdAt: z.iso.datetime().nullable(),
  role: roleSchema.describe('What the account is in it; a guest is who only looks at it.'),
  subscribers: z.number().int().nullable().describe('How many, where WhatsApp tells it.'),
  picture: z.url().nullable().describe('Its address at WhatsApp, where WhatsApp Web knows it.'),
  verified: z.boolean(),
  muted: z.boolean(),
  reactions: reactionsSchema.nullable().describe('With which emojis its readers may react.'),
})

const exampleId = '120363041234567890@newsletter'
const exampleCode = '0029VaAbCdEfGhIjKlMnOp2Q'
const exampleChannel: z.infer<typeof channelSchema> = {
  id: exampleId,
  name: 'News',
  description: 'Once a week',
  inviteLink: `https://whatsapp.com/channel/${exampleCode}`,
  createdAt: '2026-11-29T08:30:00.000Z',
  role: 'owner',
  subscribers: 12,
  picture: null,
  verified: false,
  muted: false,
  reactions: 'all',
}
const exampleInput = { channelId: exampleId }

const channelInput = z.object({ channelId: channelIdSchema })
const name = z.string().trim().min(1).max(100)
const description = z.string().max(2_048)
const inviteCode = z
  .string()
  .transform((written) => written.trim().replace(/^(https?:\/\/)?(www\.)?whatsapp\.com\/channel\//, ''))
  .pipe(z.string().regex(/^[A-Za-z0-9_-]{10,40}$/, 'must be the code at the end of a link to a channel'))

/** What is done with one channel and answers what it is like then. */
const change = {
  input: channelInput,
  output: channelSchema,
  access: 'sender',
  errors: ['chat_not_found', 'whatsapp_refused'],
} as const
/** What only those may who write in it. */
const administer = { ...change, errors: [...change.errors, 'not_channel_admin'] } as const
/** What is done about one person in it. */
const admit = {
  ...administer,
  input: channelInput.extend({ contactId: personSchema }),
  output: personIdsSchema,
  errors: [...administer.errors, 'contact_not_found', 'too_many_number_checks'],
} as const
const exampleOfPerson = { ...exampleInput, contactId: '5511999887766' }

export const channelOperations = [
  operation({
    name: 'channel.list',
    summary: 'Lists the channels that the account has made or reads',
    input: z.object(pageQuery(placeCursor)),
    output: pageSchema(channelSchema),
    access: 'viewer',
    http: { method: 'GET', path: '/channels' },
    example: { input: {}, output: { items: [exampleChannel], nextCursor: null } },
  }),

  operation({
    name: 'channel.search',
    summary:
      "Searches WhatsApp's directory for channels that the account does not read; where no text is given it recommends some",
    input: z.object({
      q: z.string().trim().max(100).default(''),
      country: z
        .string()
        .regex(/^[A-Za-z]{2}$/, 'must be two letters, such as DE')
        .transform((code) => code.toUpperCase())
        .optional()
        .describe('Only those of a country.'),
      cursor: z.string().max(1_000).optional().describe('`nextCursor` of the page before.'),
    }),
    output: pageSchema(channelSchema),
    access: 'viewer',
    http: { method: 'GET', path: '/channels/search' },
    pace: 'server',
    errors: ['whatsapp_refused'],
    example: {
      input: { q: 'news', country: 'DE' },
      output: { items: [{ ...exampleChannel, role: 'guest' }], nextCursor: null },
    },
  }),

  operation({
    name: 'channel.by-invite',
    summary: 'Shows the channel to which an invite code or link leads',
    input: z.object({ code: inviteCode }),
    output: channelSchema,
    access: 'viewer',
    http: { method: 'GET', path: '/channels/invite/:code' },
    pace: 'server',
    errors: ['invite_not_valid'],
    example: { input: { code: exampleCode }, output: { ...exampleChannel, role: 'guest' } },
  }),

  operation({
    name: 'channel.create',
    summary: 'Makes a channel. Only accounts that WhatsApp lets make one can',
    input: z.object({ name, description: description.optional() }),
    output: channelSchema,
    access: 'sender',
    http: { method: 'POST', path: '/channels' },
    errors: ['not_supported', 'whatsapp_refused'],
    example: { input: { name: 'News', description: 'Once a week' }, output: exampleChannel },
  }),

  operation({
    ...change,
    name: 'channel.get',
    summary: 'Shows a channel, whether or not the account reads it',
    access: 'viewer',
    http: { method: 'GET', path: '/channels/:channelId' },
    pace: 'server',
    errors: ['chat_not_found'],
    example: { input: exampleInput, output: exampleChannel },
  }),

  operation({
    ...administer,
    name: 'channel.update',
    summary: 'Changes what is given of a channel',
    input: channelInput.extend({
      name: name.optional(),
      description: description.optional(),
      reactions: reactionsSchema.optional(),
    }),
    http: { method: 'PATCH', path: '/channels/:channelId' },
    example: {
      input: { ...exampleInput, description: 'Once a week', reactions: 'basic' },
      output: { ...exampleChannel, reactions: 'basic' },
    },
  }),

  operation({
    ...administer,
    name: 'channel.set-picture',
    summary: 'Changes the picture of a channel',
    input: channelInput.extend(pictureInput),
    http: { method: 'PUT', path: '/channels/:channelId/picture' },
    errors: [...administer.errors, ...pictureErrors],
    example: { input: { ...exampleInput, ...examplePicture }, output: exampleChannel },
  }),

  operation({
    ...administer,
    name: 'channel.delete-picture',
    summary: 'Takes the picture of a channel away',
    http: { method: 'DELETE', path: '/channels/:channelId/picture' },
    example: { input: exampleInput, output: exampleChannel },
  }),

  operation({
    ...administer,
    name: 'channel.delete',
    summary: 'Deletes a channel for all its readers. Only who made it can',
    isDestructive: true,
    output: z.object({ id: z.string() }),
    http: { method: 'DELETE', path: '/channels/:channelId' },
    example: { input: exampleInput, output: { id: exampleId } },
  }),

  operation({
    ...change,
    name: 'channel.subscribe',
    summary: 'Has the account read a channel',
    http: { method: 'PUT', path: '/channels/:channelId/subscription' },
    example: { input: exampleInput, output: { ...exampleChannel, role: 'subscriber' } },
  }),

  operation({
    ...change,
    name: 'channel.unsubscribe',
    summary: 'Has the account read a channel no more',
    http: { method: 'DELETE', path: '/channels/:channelId/subscription' },
    example: { input: exampleInput, output: { ...exampleChannel, role: 'guest' } },
  }),

  operation({
    ...change,
    name: 'channel.mute',
    summary: 'Mutes a channel that the account reads, for good',
    http: { method: 'PUT', path: '/channels/:channelId/mute' },
    example: { input: exampleInput, output: { ...exampleChannel, muted: true } },
  }),

  operation({
    ...change,
    name: 'channel.unmute',
    summary: 'Ends the muting of a channel',
    http: { method: 'DELETE', path: '/channels/:channelId/mute' },
    example: { input: exampleInput, output: exampleChannel },
  }),

  operation({
    name: 'channel.messages',
    summary: 'Lists what was written in a channel, the newest first, as far back as WhatsApp Web loads it',
    input: channelInput.extend(pageQuery(historyCursor)),
    output: pageSchema(messageDataSchema),
    access: 'viewer',
    http: { method: 'GET', path: '/channels/:channelId/messages' },
    pace: 'server',
    errors: ['chat_not_found'],
    example: {
      input: { ...exampleInput, limit: 20 },
      output: { items: [{ ...exampleMessage, chatId: exampleId }], nextCursor: null },
    },
  }),

  operation({
    ...administer,
    name: 'channel.subscribers',
    summary:
      'Lists the admins and readers of a channel that WhatsApp tells its admins of: the first ones, without an order',
    input: channelInput.extend({ limit: pageQuery(placeCursor).limit }),
    output: z.object({
      items: z.array(personIdsSchema.extend({ name: z.string().nullable(), role: roleSchema })),
    }),
    access: 'viewer',
    http: { method: 'GET', path: '/channels/:channelId/subscribers' },
    pace: 'server',
    example: {
      input: exampleInput,
      output: { items: [{ ...examplePerson, name: 'Maria', role: 'admin' }] },
    },
  }),

  operation({
    ...admit,
    name: 'channel.invite-admin',
    summary: 'Sends a person an invitation to become an admin of a channel. Only who made it can',
    input: admit.input.extend({ text: z.string().max(1_000).optional() }),
    http: { method: 'PUT', path: '/channels/:channelId/admin-invites/:contactId' },
    example: { input: { ...exampleOfPerson, text: 'Will you help me?' }, output: examplePerson },
  }),

  operation({
    ...admit,
    name: 'channel.revoke-admin-invite',
    summary: 'Takes back an invitation to become an admin of a channel',
    http: { method: 'DELETE', path: '/channels/:channelId/admin-invites/:contactId' },
    example: { input: exampleOfPerson, output: examplePerson },
  }),

  operation({
    ...change,
    name: 'channel.accept-admin-invite',
    summary: 'Makes the account an admin of a channel to which it was invited as one',
    http: { method: 'POST', path: '/channels/:channelId/admin-invites/accept' },
    example: { input: exampleInput, output: { ...exampleChannel, role: 'admin' } },
  }),

  operation({
    ...admit,
    name: 'channel.dismiss-admin',
    summary:
      'Makes an admin of a channel, or the account itself, a mere reader. Others only who made it can dismiss',
    http: { method: 'DELETE', path: '/channels/:channelId/admins/:contactId' },
    example: { input: exampleOfPerson, output: examplePerson },
  }),
] as const
