import { expect, it } from 'vitest'
import { generateTypes } from '../../clients/typescript/generate.ts'
import { generateDocuments } from '../../docs/generate.ts'

it('the tables and diagrams in the documents are those of the code (npm run docs writes them)', () => {
  for (const { file, present, generated } of generateDocuments()) expect(present, file).toBe(generated)
})

it('the typed client is made from the OpenAPI document of today (npm run docs writes it)', async () => {
  const { present, generated } = await generateTypes()
  expect(present === generated, 'clients/typescript/src/schema.ts is out of date').toBe(true)
})
