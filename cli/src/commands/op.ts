import { type AnyOperation, operationList } from '@wsg/shared/operations/operations.ts'
import { z } from 'zod'
import { apiCommand } from '../api-command.ts'
import type { Command, Field } from '../command.ts'

/** One command for each operation of the table: its options are the fields of its input. */
export const operationCommands: readonly Command[] = operationList.flatMap((operation) => {
  const { name, summary, http, isDestructive = false } = operation
  if (http === undefined) return []
  const { fields, named } = fieldsOf(operation)
  const request = `${http.method} ${http.path}`
  return [apiCommand({ name: `op ${name}`, summary, request, fields, named, isDestructive, session: 'one' })]
})

interface JsonSchema {
  type?: string
  description?: string
  enum?: readonly string[]
  items?: JsonSchema
}

function fieldsOf({ input }: AnyOperation) {
  const { properties = {}, required = [] } = z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' })
  const fields: Record<string, Field> = {}
  const named: Record<string, string> = {}
  for (const [name, schema] of Object.entries(properties as Record<string, JsonSchema>)) {
    const typed = typedName(name)
    named[typed] = name
    fields[typed] = {
      type: typeOf(schema),
      describe: schema.description ?? '',
      ...(required.includes(name) && { isRequired: true }),
      ...(schema.enum !== undefined && { oneOf: schema.enum.map(String) }),
    }
  }
  return { fields, named }
}

/** `chatId` is typed as `--chat`. */
function typedName(field: string): string {
  return field.replace(/(?<=.)Id$/, '').replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

function typeOf({ type, items }: JsonSchema): Field['type'] {
  if (type === 'string') return 'text'
  if (type === 'boolean') return 'flag'
  if (type === 'number' || type === 'integer') return 'number'
  return type === 'array' && items?.type === 'string' ? 'list' : 'json'
}
