import { z } from 'zod'
import { operation } from './operation.ts'

export const screenshotTake = operation({
  name: 'screenshot.take',
  summary: 'Takes a picture of the page, as a PNG in base64',
  input: z.object({}),
  output: z.object({ png: z.base64() }),
  timeoutMs: 15_000,
  access: 'admin',
  live: false,
  example: { input: {}, output: { png: 'iVBORw0KGgo=' } },
})
