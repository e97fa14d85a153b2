import { expect, it } from 'vitest'
import { generateDocuments } from '../../docs/generate.ts'

it('the tables and diagrams in the documents are those of the code (npm run docs writes them)', () => {
  for (const { file, present, generated } of generateDocuments()) expect(present, file).toBe(generated)
})
