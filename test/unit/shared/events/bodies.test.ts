import { body, withoutBodies } from '@wsg/shared/events/bodies.ts'
import { expect, it } from 'vitest'
import { z } from 'zod'

it('leaves out what somebody wrote, however deep it stands, and what the schema does not know', () => {
  const schema = z.object({
    id: z.string(),
    text: body(z.string().describe('What was written.')).optional(),
    quoted: z.object({ id: z.string(), text: body(z.string()) }).optional(),
    votes: z.array(z.object({ by: z.string(), option: body(z.string()) })),
    none: z.object({ text: body(z.string()) }).nullable(),
  })
  const data = {
    ...{ id: '1', text: 'x', quoted: { id: '2', text: 'x' }, votes: [{ by: 'Maria', option: 'x' }] },
    ...{ none: null, unknown: 'x' },
  }
  expect(withoutBodies(schema, data)).toEqual({
    ...{ id: '1', quoted: { id: '2' }, votes: [{ by: 'Maria' }], none: null },
  })
})
