import { z } from 'zod'
import { phoneNumberSchema } from '../messages/recipient.ts'
import { operation } from './operation.ts'

/** What concerns the session itself. Each has a route of its own. */
export const sessionOperations = [
  operation({
    name: 'pairing.request',
    summary:
      'Gives a code to be typed into the phone: the one that the number already has while it lives, else a new one',
    input: z.object({ phoneNumber: phoneNumberSchema }),
    output: z.object({
      code: z.string(),
      expiresAt: z.number().describe('Epoch ms.'),
      replacesPrevious: z.boolean(),
    }),
    timeoutMs: 45_000,
    access: 'operator',
    live: false,
    errors: ['already_paired'],
    example: {
      input: { phoneNumber: '5511999887766' },
      output: { code: 'ABCD1234', expiresAt: 1_796_000_000_000, replacesPrevious: false },
    },
  }),

  operation({
    name: 'screenshot.take',
    summary: 'Takes a picture of the page, as a PNG in base64',
    input: z.object({}),
    output: z.object({ png: z.base64() }),
    timeoutMs: 15_000,
    access: 'operator',
    live: false,
    example: { input: {}, output: { png: 'iVBORw0KGgo=' } },
  }),

  operation({
    name: 'session.restart',
    summary: 'Closes the browser and opens it again, under a new ownership',
    input: z.object({}),
    output: z.object({}),
    timeoutMs: 15_000,
    access: 'operator',
    live: false,
    example: { input: {}, output: {} },
  }),

  operation({
    name: 'status.probe',
    summary: "Asks the page itself for WhatsApp Web's word for its connection",
    input: z.object({}),
    output: z.object({ connection: z.string(), memoryMb: z.number().nullable() }),
    timeoutMs: 10_000,
    access: 'viewer',
    live: false,
    example: { input: {}, output: { connection: 'CONNECTED', memoryMb: 212 } },
  }),
] as const
