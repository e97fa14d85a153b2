import { z } from 'zod'
import { operation } from './operation.ts'
import { examplePicture, pictureErrors, pictureInput } from './picture.ts'

export const profileSchema = z.object({
  phone: z.string().describe("Digits of the account's number."),
  lid: z.string().nullable().describe("The account's own hidden identity, where it is known."),
  name: z.string().describe('As others see it who have not noted another.'),
  about: z.string().nullable(),
  picture: z.url().nullable().describe('Its address at WhatsApp, for some days.'),
})
const exampleProfile: z.infer<typeof profileSchema> = {
  phone: '5511999887766',
  lid: '163971247583412@lid',
  name: 'Shop',
  about: 'Open from nine to six',
  picture: null,
}

export const accountOperations = [
  operation({
    name: 'profile.get',
    summary: 'Shows what the account shows of itself',
    input: z.object({}),
    output: profileSchema,
    access: 'viewer',
    http: { method: 'GET', path: '/profile' },
    pace: 'server',
    example: { input: {}, output: exampleProfile },
  }),

  operation({
    name: 'profile.update',
    summary:
      "Changes what is given of the account's name and about text. Where one of them is refused the detail names what was changed before it",
    input: z.object({
      name: z.string().trim().min(1).max(25).optional(),
      about: z.string().max(139).optional(),
    }),
    output: profileSchema,
    access: 'sender',
    http: { method: 'PATCH', path: '/profile' },
    errors: ['whatsapp_refused', 'not_supported'],
    example: { input: { about: 'Open from nine to six' }, output: exampleProfile },
  }),

  operation({
    name: 'profile.set-picture',
    summary: "Changes the account's picture",
    input: z.object(pictureInput),
    output: profileSchema,
    access: 'sender',
    http: { method: 'PUT', path: '/profile/picture' },
    errors: pictureErrors,
    example: {
      input: examplePicture,
      output: { ...exampleProfile, picture: 'https://pps.whatsapp.net/v/t61.24694-24/1.jpg' },
    },
  }),

  operation({
    name: 'profile.delete-picture',
    summary: "Takes the account's picture away",
    input: z.object({}),
    output: profileSchema,
    access: 'sender',
    http: { method: 'DELETE', path: '/profile/picture' },
    errors: ['whatsapp_refused'],
    example: { input: {}, output: exampleProfile },
  }),

  operation({
    name: 'presence.set',
    summary:
      'Shows the account as online or not. While it is shown as online its phone does not ring; that ends by itself when WhatsApp Web is loaded anew',
    input: z.object({ available: z.boolean() }),
    output: z.object({ available: z.boolean() }),
    access: 'sender',
    http: { method: 'PUT', path: '/presence' },
    example: { input: { available: true }, output: { available: true } },
  }),

  operation({
    name: 'call.reject',
    summary: 'Rejects a call that rings now',
    input: z.object({ callId: z.string().regex(/^[A-Za-z0-9._-]{4,64}$/, 'must be the id of a call') }),
    output: z.object({ callId: z.string() }),
    access: 'sender',
    http: { method: 'POST', path: '/calls/:callId/reject' },
    errors: ['call_not_found'],
    example: {
      input: { callId: '7D2C8F1A0B3E4D5C6F7A8B9C0D1E2F3A' },
      output: { callId: '7D2C8F1A0B3E4D5C6F7A8B9C0D1E2F3A' },
    },
  }),

  operation({
    name: 'call.link',
    summary: 'Makes a link by which people join a call, now or at a moment',
    input: z.object({
      type: z.enum(['video', 'voice']),
      startsAt: z.iso.datetime({ offset: true }).optional().describe('Absent, now.'),
    }),
    output: z.object({ link: z.url() }),
    access: 'sender',
    http: { method: 'POST', path: '/calls/link' },
    errors: ['whatsapp_refused'],
    example: {
      input: { type: 'video', startsAt: '2026-12-24T18:00:00Z' },
      output: { link: 'https://call.whatsapp.com/video/AbCdEfGhIjKlMnOp' },
    },
  }),
] as const
