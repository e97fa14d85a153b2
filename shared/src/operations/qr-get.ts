import { z } from 'zod'
import { operation } from './operation.ts'

export const qrGet = operation({
  name: 'qr.get',
  summary: 'Waits until there is a code to scan, a login, or the end of the session',
  input: z.object({ waitMs: z.number().int() }),
  output: z.object({ qr: z.string().nullable() }),
  timeoutMs: 60_000,
  access: 'admin',
  live: false,
  example: { input: { waitMs: 25_000 }, output: { qr: '2@AbC…,dEf…,GhI…,1' } },
})
