import { z } from 'zod'
import { messageKind } from './message-kind.ts'

const line = z.string().min(1).max(1_000)

export const location = messageKind({
  type: 'location',
  fields: {
    latitude: z.number().min(-90).max(90).describe('Degrees, north positive.'),
    longitude: z.number().min(-180).max(180).describe('Degrees, east positive.'),
    name: line.optional().describe('What the place is called.'),
    address: line.optional(),
    url: z
      .url({ protocol: /^https?$/, error: 'must be an http or https address' })
      .max(2_000)
      .optional()
      .describe('What opens when the place is touched.'),
  },
  notTo: { channel: 'not_supported', status: 'not_supported' },
  example: { latitude: -23.5614, longitude: -46.6559, name: 'The shop', address: 'Avenida Paulista 1' },
  typedCharacters: () => 0,
})
