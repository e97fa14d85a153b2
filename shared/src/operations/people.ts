import { z } from 'zod'
import { personSchema, phoneNumberSchema } from '../messages/recipient.ts'
import { pageQuery, pageSchema } from '../paging.ts'
import { operation } from './operation.ts'
import { flag, placeCursor } from './query.ts'

/** Somebody, by all ids that are known. */
export const personIdsSchema = z.object({
  id: z.string().describe('As WhatsApp has it.'),
  phone: z.string().optional().describe('Digits of the number, where it is known.'),
  lid: z.string().optional().describe('The hidden identity, where it is known.'),
})

/** Somebody as a list tells of one. */
export const contactSchema = personIdsSchema.extend({
  name: z.string().nullable().describe('As the account has it in its address book.'),
  pushName: z.string().nullable().describe('As they call themselves.'),
  isBusiness: z.boolean(),
  saved: z.boolean().describe('Is in the address book.'),
  blocked: z.boolean(),
})

export const contactDetailsSchema = contactSchema.extend({
  about: z.string().nullable().describe('What they say of themselves; null where they show it not.'),
  picture: z.url().nullable().describe('Its address at WhatsApp, for some days; null where they show none.'),
  commonGroups: z.array(z.string()).describe('Ids of the groups in which the account meets them.'),
  business: z
    .object({
      description: z.string().optional(),
      email: z.string().optional(),
      address: z.string().optional(),
      websites: z.array(z.string()),
      categories: z.array(z.string()),
    })
    .nullable(),
})

export const examplePerson: z.infer<typeof personIdsSchema> = {
  id: '5511999887766@c.us',
  phone: '5511999887766',
  lid: '163971247583412@lid',
}
const exampleContact: z.infer<typeof contactSchema> = {
  ...examplePerson,
  name: 'Maria Silva',
  pushName: 'Maria',
  isBusiness: false,
  saved: true,
  blocked: false,
}

const exampleInput = { contactId: '5511999887766' }

/** What changes one person and answers what is known of them then. */
const change = {
  input: z.object({ contactId: personSchema }),
  output: contactSchema,
  access: 'sender',
  errors: ['contact_not_found', 'too_many_number_checks', 'whatsapp_refused'],
} as const

const name = z.string().trim().min(1).max(100)

export const peopleOperations = [
  operation({
    name: 'number.check',
    summary:
      'Asks whether a number is on WhatsApp. An answer is remembered for a day, one that it is not for an hour; new numbers are asked for at a pace that gets no account banned',
    input: z.object({ phone: phoneNumberSchema }),
    output: z.object({
      phone: z.string().describe('As it was asked for, in digits.'),
      exists: z.boolean(),
      chatId: z.string().optional().describe('The chat that it belongs to, as WhatsApp has it.'),
      lid: z.string().optional().describe("The person's hidden identity, where it is known."),
    }),
    access: 'sender',
    http: { method: 'GET', path: '/numbers/:phone' },
    pace: 'own',
    errors: ['too_many_number_checks'],
    example: {
      input: { phone: '+55 11 99988-7766' },
      output: {
        phone: '5511999887766',
        exists: true,
        chatId: '5511999887766@c.us',
        lid: '163971247583412@lid',
      },
    },
  }),

  operation({
    name: 'lid.get',
    summary:
      'Tells the number of a hidden identity, where WhatsApp Web has learned it, or the hidden identity of a number, for which WhatsApp is asked',
    input: z.object({ contactId: personSchema }),
    output: personIdsSchema,
    access: 'viewer',
    http: { method: 'GET', path: '/lids/:contactId' },
    errors: ['contact_not_found', 'too_many_number_checks'],
    example: { input: { contactId: '163971247583412@lid' }, output: examplePerson },
  }),

  operation({
    name: 'contact.list',
    summary:
      'Lists the people that WhatsApp Web knows: those in the address book, and those met in chats and groups',
    input: z.object({
      ...pageQuery(placeCursor),
      saved: flag.optional().describe('In the address book, or not.'),
      blocked: flag.optional(),
      name: z.string().min(1).max(100).optional().describe('A part of a name, in capitals or not.'),
    }),
    output: pageSchema(contactSchema),
    access: 'viewer',
    http: { method: 'GET', path: '/contacts' },
    example: {
      input: { limit: 100, saved: 'true' },
      output: { items: [exampleContact], nextCursor: '0_5511999887766@c.us' },
    },
  }),

  operation({
    ...change,
    name: 'contact.get',
    summary: 'Shows what is known of a person, and what they show of themselves',
    output: contactDetailsSchema,
    access: 'viewer',
    http: { method: 'GET', path: '/contacts/:contactId' },
    pace: 'server',
    example: {
      input: exampleInput,
      output: {
        ...exampleContact,
        about: 'Hey there! I am using WhatsApp.',
        picture: 'https://pps.whatsapp.net/v/t61.24694-24/1.jpg',
        commonGroups: ['120363041234567890@g.us'],
        business: null,
      },
    },
  }),

  operation({
    ...change,
    name: 'contact.save',
    summary: 'Puts a person into the address book of the account, or changes the name there',
    input: change.input.extend({
      firstName: name,
      lastName: name.optional(),
      syncToPhone: z.boolean().default(false).describe('Into the address book of the phone as well.'),
    }),
    http: { method: 'PUT', path: '/contacts/:contactId' },
    example: {
      input: { ...exampleInput, firstName: 'Maria', lastName: 'Silva' },
      output: exampleContact,
    },
  }),

  operation({
    ...change,
    name: 'contact.delete',
    isDestructive: true,
    summary: 'Takes a person out of the address book of the account',
    http: { method: 'DELETE', path: '/contacts/:contactId' },
    example: { input: exampleInput, output: { ...exampleContact, name: null, saved: false } },
  }),

  operation({
    ...change,
    name: 'contact.block',
    summary: 'Blocks a person, who can write to the account and call it no more',
    http: { method: 'PUT', path: '/contacts/:contactId/block' },
    example: { input: exampleInput, output: { ...exampleContact, blocked: true } },
  }),

  operation({
    ...change,
    name: 'contact.unblock',
    summary: 'Ends the blocking of a person',
    http: { method: 'DELETE', path: '/contacts/:contactId/block' },
    example: { input: exampleInput, output: exampleContact },
  }),

  operation({
    name: 'blocked.list',
    summary: 'Lists the people that the account has blocked',
    input: z.object(pageQuery(placeCursor)),
    output: pageSchema(personIdsSchema),
    access: 'viewer',
    http: { method: 'GET', path: '/blocked' },
    example: { input: {}, output: { items: [examplePerson], nextCursor: null } },
  }),
] as const
