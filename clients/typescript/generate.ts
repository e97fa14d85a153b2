import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import openapiTS, { astToString, type OpenAPI3 } from 'openapi-typescript'
import { openapiDocument } from '../../docs/openapi-document.ts'

const FILE = join(import.meta.dirname, 'src/schema.ts')

/** The types of every request, answer, error and event, as they are and as the gateway's own document says. */
export async function generateTypes(): Promise<{ present: string; generated: string }> {
  const document = withoutRequiredSession(await openapiDocument())
  const types = await openapiTS(document as unknown as OpenAPI3, {
    alphabetize: true,
    defaultNonNullable: false,
    exportType: true,
    rootTypes: true,
    rootTypesNoSchemaPrefix: true,
  })
  const code = astToString(types)
    // What is not there need not be said.
    .replaceAll(/^ +\w+\?: never;\n/gm, '')
    .replaceAll(/^ +headers: \{\n +\[name: string\]: unknown;\n +\};\n/gm, '')
  const generated = `// Made from the OpenAPI document by \`npm run docs\`.\n\n${code}`
  return { present: readFileSync(FILE, 'utf8'), generated }
}

/** The client gives `X-Session-Id` with every request, so that a caller may leave it out. */
function withoutRequiredSession(document: object): object {
  return JSON.parse(JSON.stringify(document), (_, value) =>
    value?.in === 'header' && value.name === 'X-Session-Id' ? { ...value, required: false } : value,
  ) as object
}

if (import.meta.main) {
  const { present, generated } = await generateTypes()
  if (present !== generated) writeFileSync(FILE, generated)
}
