import { z } from 'zod'
import { operation } from './operation.ts'

export const statusProbe = operation({
  name: 'status.probe',
  summary: "Asks the page itself for WhatsApp Web's word for its connection",
  input: z.object({}),
  output: z.object({ connection: z.string(), memoryMb: z.number().nullable() }),
  timeoutMs: 10_000,
  access: 'viewer',
  live: false,
  example: { input: {}, output: { connection: 'CONNECTED', memoryMb: 212 } },
})
