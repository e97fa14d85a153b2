import { z } from 'zod'
import { groupIdSchema, personSchema } from '../messages/recipient.ts'
import { pageQuery, pageSchema } from '../paging.ts'
import { operation } from './operation.ts'
import { examplePerson, personIdsSchema } from './people.ts'
import { examplePicture, pictureErrors, pictureInput } from './picture.ts'
import { placeCursor } from './query.ts'

/** A group as a list tells of it. */
export const groupSchema = z.object({
  id: z.string().describe('As WhatsApp has it.'),
  subject: z.string(),
  description: z.string().nullable(),
  owner: personIdsSchema.nullable().describe('Who made it, where that is known.'),
  createdAt: z.iso.datetime().nullable(),
  size: z.number().int().describe('How many are in it.'),
  isAdmin: z.boolean().describe('Whether the account is an admin of it.'),
  onlyAdminsSend: z.boolean().describe('Only admins write.'),
  onlyAdminsEdit: z.boolean().describe('Only admins change subject, description and picture.'),
  onlyAdminsAdd: z.boolean().describe('Only admins add people.'),
  approvalNeeded: z.boolean().describe('An admin has to let in who joins by a link.'),
})
const roleSchema = z.enum(['member', 'admin', 'superadmin'])
const memberSchema = personIdsSchema.extend({ role: roleSchema })
export const groupDetailsSchema = groupSchema.extend({ participants: z.array(memberSchema) })

/** What became of one person. */
const resultSchema = z.object({
  person: z.string().describe('As you named them, in digits or as a hidden identity.'),
  done: z.boolean().describe('True where WhatsApp has confirmed it.'),
  code: z
    .number()
    .int()
    .describe(
      "WhatsApp's number: 200 done, 403 can be invited only, 404 not on WhatsApp or not in the group, 408 has left a moment ago, 409 is in it already, 419 the group is full; 0 where there was no time left, so that it was not tried; -1 where WhatsApp Web failed at it, so that it may have been done.",
    ),
  invite: z
    .object({ code: z.string(), expiresAt: z.iso.datetime().nullable() })
    .optional()
    .describe('Of somebody who can be invited only: the code of an invitation for them alone.'),
})
export const resultsSchema = z.object({ groupId: z.string(), results: z.array(resultSchema) })
export type PersonResult = z.infer<typeof resultSchema>

const exampleId = '120363041234567890@g.us'
const exampleGroup: z.infer<typeof groupSchema> = {
  id: exampleId,
  subject: 'Team',
  description: 'Monday at nine',
  owner: examplePerson,
  createdAt: '2026-11-29T08:30:00.000Z',
  size: 1,
  isAdmin: true,
  onlyAdminsSend: false,
  onlyAdminsEdit: false,
  onlyAdminsAdd: false,
  approvalNeeded: false,
}
const exampleDetails: z.infer<typeof groupDetailsSchema> = {
  ...exampleGroup,
  participants: [{ ...examplePerson, role: 'superadmin' }],
}
const exampleResults: z.infer<typeof resultsSchema> = {
  groupId: exampleId,
  results: [
    { person: '5511999887766', done: true, code: 200 },
    {
      person: '4915112345678',
      done: false,
      code: 403,
      invite: { code: 'Yc2Vd9AbQ0zK1Lm3', expiresAt: '2026-12-02T08:30:00.000Z' },
    },
  ],
}
const exampleInput = { groupId: exampleId }
const exampleCode = 'DxXkJ9yFb1aGQ7LmN0pR2s'

const groupInput = z.object({ groupId: groupIdSchema })
const subject = z.string().trim().min(1).max(100)
const people = z.array(personSchema).min(1).max(100)
/** People are asked for and added one by one, at a pace. */
const PEOPLE_TIMEOUT_MS = 120_000
const inviteCode = z
  .string()
  .transform((written) => written.trim().replace(/^(https?:\/\/)?chat\.whatsapp\.com\/(invite\/)?/, ''))
  .pipe(z.string().regex(/^[A-Za-z0-9_-]{10,40}$/, 'must be an invite code, or a link that ends with one'))
const inviteSchema = z.object({ code: z.string(), link: z.url() })
const exampleInvite = { code: exampleCode, link: `https://chat.whatsapp.com/${exampleCode}` }

const pictureSchema = z.object({
  groupId: z.string(),
  picture: z.url().nullable().describe('Its address at WhatsApp, for some days; null where there is none.'),
})
const exampleOfPicture = { groupId: exampleId, picture: 'https://pps.whatsapp.net/v/t61.24694-24/1.jpg' }

/** What is done with one group that the account is in. */
const inGroup = {
  input: groupInput,
  output: groupDetailsSchema,
  access: 'sender',
  errors: ['not_in_group', 'not_group_admin', 'whatsapp_refused'],
} as const

export const groupOperations = [
  operation({
    name: 'group.list',
    summary: 'Lists the groups that the account is in',
    input: z.object(pageQuery(placeCursor)),
    output: pageSchema(groupSchema),
    access: 'viewer',
    http: { method: 'GET', path: '/groups' },
    example: { input: {}, output: { items: [exampleGroup], nextCursor: null } },
  }),

  operation({
    name: 'group.create',
    summary: 'Makes a group, and tells what became of each person who was to be in it',
    input: z.object({ subject, participants: z.array(personSchema).max(100).default([]) }),
    output: resultsSchema,
    timeoutMs: PEOPLE_TIMEOUT_MS,
    access: 'sender',
    http: { method: 'POST', path: '/groups' },
    errors: ['too_many_number_checks', 'whatsapp_refused'],
    example: {
      input: { subject: 'Team', participants: ['5511999887766', '4915112345678'] },
      output: exampleResults,
    },
  }),

  operation({
    ...inGroup,
    name: 'group.get',
    summary: 'Shows a group and who is in it',
    access: 'viewer',
    http: { method: 'GET', path: '/groups/:groupId' },
    pace: 'server',
    errors: ['not_in_group'],
    example: { input: exampleInput, output: exampleDetails },
  }),

  operation({
    ...inGroup,
    name: 'group.members',
    summary: 'Lists who is in a group page by page, its admins first',
    input: groupInput.extend({ ...pageQuery(placeCursor), role: roleSchema.optional() }),
    output: pageSchema(memberSchema),
    access: 'viewer',
    http: { method: 'GET', path: '/groups/:groupId/participants' },
    pace: 'server',
    errors: ['not_in_group'],
    example: {
      input: { ...exampleInput, role: 'superadmin' },
      output: { items: exampleDetails.participants, nextCursor: null },
    },
  }),

  operation({
    ...inGroup,
    name: 'group.update',
    summary:
      'Changes what is given of a group; an empty description takes it away. Where one thing is refused the detail names what was changed before it',
    input: groupInput.extend({
      subject: subject.optional(),
      description: z.string().max(2_048).optional(),
      onlyAdminsSend: z.boolean().optional(),
      onlyAdminsEdit: z.boolean().optional(),
      onlyAdminsAdd: z.boolean().optional(),
    }),
    http: { method: 'PATCH', path: '/groups/:groupId' },
    example: {
      input: { ...exampleInput, subject: 'Team', onlyAdminsSend: true },
      output: { ...exampleDetails, onlyAdminsSend: true },
    },
  }),

  operation({
    ...inGroup,
    name: 'group.picture',
    summary: 'Tells where the picture of a group is',
    output: pictureSchema,
    access: 'viewer',
    http: { method: 'GET', path: '/groups/:groupId/picture' },
    pace: 'server',
    errors: ['not_in_group'],
    example: { input: exampleInput, output: exampleOfPicture },
  }),

  operation({
    ...inGroup,
    name: 'group.set-picture',
    summary: 'Changes the picture of a group',
    input: groupInput.extend(pictureInput),
    output: pictureSchema,
    http: { method: 'PUT', path: '/groups/:groupId/picture' },
    errors: [...inGroup.errors, ...pictureErrors],
    example: { input: { ...exampleInput, ...examplePicture }, output: exampleOfPicture },
  }),

  operation({
    ...inGroup,
    name: 'group.delete-picture',
    summary: 'Takes the picture of a group away',
    output: pictureSchema,
    http: { method: 'DELETE', path: '/groups/:groupId/picture' },
    example: { input: exampleInput, output: { groupId: exampleId, picture: null } },
  }),

  operation({
    ...inGroup,
    name: 'group.participants',
    isDestructive: true,
    summary:
      'Adds people to a group, removes them, makes them admins or takes that back, each told by person',
    input: groupInput.extend({
      add: people.optional(),
      remove: people.optional(),
      promote: people.optional(),
      demote: people.optional(),
    }),
    output: resultsSchema,
    timeoutMs: PEOPLE_TIMEOUT_MS,
    http: { method: 'POST', path: '/groups/:groupId/participants' },
    errors: ['not_in_group', 'not_group_admin', 'too_many_number_checks', 'whatsapp_refused'],
    example: {
      input: { ...exampleInput, add: ['5511999887766', '4915112345678'] },
      output: exampleResults,
    },
  }),

  operation({
    ...inGroup,
    name: 'group.leave',
    isDestructive: true,
    summary: 'Leaves a group; its chat stays until it is deleted',
    output: z.object({ groupId: z.string() }),
    http: { method: 'POST', path: '/groups/:groupId/leave' },
    example: { input: exampleInput, output: { groupId: exampleId } },
  }),

  operation({
    ...inGroup,
    name: 'group.invite',
    summary: 'Shows the link by which people join a group',
    output: inviteSchema,
    http: { method: 'GET', path: '/groups/:groupId/invite' },
    pace: 'server',
    example: { input: exampleInput, output: exampleInvite },
  }),

  operation({
    ...inGroup,
    name: 'group.revoke-invite',
    isDestructive: true,
    summary: 'Makes a new link for joining a group; the old one is void',
    output: inviteSchema,
    http: { method: 'DELETE', path: '/groups/:groupId/invite' },
    example: { input: exampleInput, output: exampleInvite },
  }),

  operation({
    ...inGroup,
    name: 'group.send-invitation',
    summary:
      'Sends a person a private invitation to a group: what adding them answered where they can be invited only',
    input: groupInput.extend({
      person: personSchema,
      code: inviteCode.describe('`invite.code` of the result of adding them.'),
      expiresAt: z.iso.datetime({ offset: true }).describe('`invite.expiresAt` of it.'),
      text: z.string().max(1_000).default(''),
    }),
    output: z.object({ groupId: z.string(), person: z.string() }),
    http: { method: 'POST', path: '/groups/:groupId/invitations' },
    errors: ['not_in_group', 'recipient_not_on_whatsapp', 'too_many_number_checks'],
    example: {
      input: {
        ...exampleInput,
        person: '4915112345678',
        code: 'Yc2Vd9AbQ0zK1Lm3',
        expiresAt: '2026-12-02T08:30:00Z',
        text: 'Join us',
      },
      output: { groupId: exampleId, person: '4915112345678' },
    },
  }),

  operation({
    name: 'group.invite-info',
    summary: 'Shows the group to which an invite code or link leads, without joining it',
    input: z.object({ code: inviteCode }),
    output: groupSchema.pick({ id: true, subject: true, description: true, createdAt: true, size: true }),
    access: 'viewer',
    http: { method: 'GET', path: '/groups/invite/:code' },
    pace: 'server',
    errors: ['invite_not_valid'],
    example: {
      input: { code: exampleCode },
      output: {
        id: exampleId,
        subject: 'Team',
        description: null,
        createdAt: '2026-11-29T08:30:00.000Z',
        size: 12,
      },
    },
  }),

  operation({
    name: 'group.join',
    summary: 'Joins a group by an invite code or link, or asks its admins to let the account in',
    input: z.object({ code: inviteCode }),
    output: z.object({
      groupId: z.string(),
      joined: z.boolean().describe('False where an admin has to let the account in first.'),
    }),
    access: 'sender',
    http: { method: 'POST', path: '/groups/join' },
    errors: ['invite_not_valid', 'whatsapp_refused'],
    example: {
      input: { code: `https://chat.whatsapp.com/${exampleCode}` },
      output: { groupId: exampleId, joined: true },
    },
  }),

  operation({
    ...inGroup,
    name: 'group.requests',
    summary: 'Lists the people who ask to be let into a group',
    output: z.object({
      items: z.array(personIdsSchema.extend({ requestedAt: z.iso.datetime().nullable() })),
    }),
    http: { method: 'GET', path: '/groups/:groupId/requests' },
    pace: 'server',
    example: {
      input: exampleInput,
      output: { items: [{ ...examplePerson, requestedAt: '2026-11-29T08:30:00.000Z' }] },
    },
  }),

  operation({
    ...inGroup,
    name: 'group.decide',
    summary: 'Lets people into a group who ask for it, or turns them away, each told by person',
    input: groupInput.extend({ approve: people.optional(), reject: people.optional() }),
    output: resultsSchema,
    timeoutMs: PEOPLE_TIMEOUT_MS,
    http: { method: 'POST', path: '/groups/:groupId/requests' },
    example: {
      input: { ...exampleInput, approve: ['5511999887766'] },
      output: { groupId: exampleId, results: [{ person: '5511999887766', done: true, code: 200 }] },
    },
  }),
] as const
