import { z } from 'zod'
import { event } from './event.ts'
import { exampleMember, memberSchema } from './person.ts'

export const callReceived = event({
  name: 'call.received',
  sentence:
    'Somebody calls the account, and what becomes of the call: each change is an event with the same `id`.',
  data: z.object({
    id: z.string().describe('Of the call.'),
    from: memberSchema,
    isVideo: z.boolean(),
    isGroup: z.boolean(),
    state: z
      .enum(['ringing', 'accepted', 'rejected', 'missed', 'ended'])
      .describe('`accepted`: on whichever device of the account. `ended` follows it.'),
    timestamp: z.iso.datetime().describe('When it was heard.'),
  }),
  example: {
    id: 'A1B2C3D4E5F60718293A4B5C6D7E8F90',
    from: exampleMember,
    isVideo: false,
    isGroup: false,
    state: 'ringing',
    timestamp: '2026-11-29T08:30:00.000Z',
  },
})
