import { z } from 'zod'
import { operation } from './operation.ts'

export const sessionRestart = operation({
  name: 'session.restart',
  summary: 'Closes the browser and opens it again, under a new ownership',
  input: z.object({}),
  output: z.object({}),
  timeoutMs: 15_000,
  access: 'admin',
  live: false,
  example: { input: {}, output: {} },
})
