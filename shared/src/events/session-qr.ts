import { z } from 'zod'
import { event } from './event.ts'

export const sessionQr = event({
  name: 'session.qr',
  sentence: 'WhatsApp shows a new code to be scanned.',
  data: z.object({
    qr: z.string().describe('The text of the QR code.'),
    expiresAt: z.iso.datetime().describe('Until when it can be scanned; another one follows.'),
  }),
  example: { qr: '2@Zx1…,aB3…,cD5…,eF7…,1', expiresAt: '2026-11-29T08:31:00.000Z' },
})
