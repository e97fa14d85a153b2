import type { z } from 'zod'
import { converterConfigSchema } from '../converter/src/config.ts'
import { gatewayConfig } from '../gateway/src/config.ts'
import { localConfigSchema } from '../local/local-config.ts'
import { workerConfigSchema } from '../worker/src/worker-config.ts'
import { table } from './tables.ts'

const programs: [string, z.ZodObject][] = [
  ['npm start', localConfigSchema],
  ['gateway', gatewayConfig],
  ['worker', workerConfigSchema],
  ['converter', converterConfigSchema],
]

/** Every environment variable, from the schemas that read them. */
export function configurationTable(): string {
  const variables = new Map<string, { text: string; standard: string; readBy: string[] }>()
  for (const [program, schema] of programs) {
    for (const [name, field] of Object.entries(schema.shape) as [string, z.ZodType][]) {
      const known = variables.get(name)
      if (known !== undefined) known.readBy.push(program)
      else
        variables.set(name, { text: describe(name, field), standard: standardOf(field), readBy: [program] })
    }
  }
  return table(
    ['variable', 'default', 'meaning', 'read by'],
    [...variables].map(([name, { text, standard, readBy }]) => [
      `\`${name}\``,
      standard,
      text,
      readBy.join(', '),
    ]),
  )
}

function describe(name: string, field: z.ZodType): string {
  if (!field.description) throw new Error(`${name} has no description`)
  return field.description
}

/** What a variable is where it is not set; empty where that is said in words. */
function standardOf(field: z.ZodType): string {
  const result = field.safeParse(undefined)
  if (!result.success || result.data === undefined || result.data === '') return ''
  return Array.isArray(result.data) ? '' : `\`${String(result.data)}\``
}
