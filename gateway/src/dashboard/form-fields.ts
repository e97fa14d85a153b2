import { z } from 'zod'

/** How one field is asked for in a form. */
export interface FormField {
  name: string
  input: FormInput
  isRequired: boolean
  /** Empty where the schema says nothing. */
  description: string
  /** Of `choice` and `choices`. */
  choices?: readonly string[]
  /** Of `parts`, each under the name that leads to it, `warmUp.days`. */
  parts?: readonly FormField[]
  /** What it is where nothing is given. */
  standard?: string | number | boolean
}

type FormInput =
  | 'text'
  | 'longText'
  /** One entry a line. */
  | 'lines'
  | 'number'
  | 'flag'
  | 'choice'
  | 'choices'
  | 'time'
  /** A file to upload, or the address of one. */
  | 'file'
  /** One card with a name and a number. */
  | 'contact'
  /** One `name: value` a line. */
  | 'pairs'
  /** Several fields that are said together or not at all. */
  | 'parts'

/** A longer text is written in several lines. */
const MAX_ONE_LINE = 1_024

interface JsonSchema {
  type?: string
  format?: string
  const?: unknown
  enum?: string[]
  default?: unknown
  description?: string
  maxLength?: number
  pattern?: string
  properties?: Record<string, JsonSchema>
  additionalProperties?: unknown
  required?: string[]
  items?: JsonSchema
  anyOf?: JsonSchema[]
}

/**
 * The form of a request, made from the schema that reads it: a field that is added there is asked for in the dashboard. Fields
 * with one possible value are left out.
 */
export function formFields(schema: z.ZodType): FormField[] {
  return fieldsOf(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema, '')
}

/** @param prefix of the names, `warmUp.` */
function fieldsOf({ properties = {}, required = [] }: JsonSchema, prefix: string): FormField[] {
  return Object.entries(properties)
    .filter(([, field]) => field.const === undefined)
    .map(([ownName, field]) => {
      const name = `${prefix}${ownName}`
      const { description = '', default: standard } = field
      const choices = field.enum ?? field.items?.enum
      const input = inputOf(name, field)
      return {
        name,
        input,
        isRequired: required.includes(ownName),
        description,
        ...(choices !== undefined && { choices }),
        ...(input === 'parts' && { parts: fieldsOf(objectIn(field) ?? {}, `${name}.`) }),
        ...(isPlain(standard) && { standard }),
      }
    })
}

function inputOf(name: string, field: JsonSchema): FormInput {
  if (name === 'media') return 'file'
  if (name === 'contacts') return 'contact'
  const has = (type: string) => formsOf(field).find((form) => form.type === type)
  const list = has('array')
  if (list?.items?.enum !== undefined) return 'choices'
  if (list?.items?.type === 'string') return 'lines'
  if (field.enum !== undefined) return 'choice'
  if (has('number') ?? has('integer')) return 'number'
  const text = has('string')
  if (text?.format === 'date-time') return 'time'
  if (text !== undefined) return isLong(text) ? 'longText' : 'text'
  if (has('boolean') !== undefined) return 'flag'
  return objectIn(field)?.properties === undefined ? 'pairs' : 'parts'
}

function formsOf(field: JsonSchema): readonly JsonSchema[] {
  return field.anyOf ?? [field]
}

function objectIn(field: JsonSchema): JsonSchema | undefined {
  return formsOf(field).find(({ type }) => type === 'object')
}

function isLong({ maxLength, format, pattern }: JsonSchema): boolean {
  return (
    format === undefined && pattern === undefined && (maxLength === undefined || maxLength > MAX_ONE_LINE)
  )
}

function isPlain(value: unknown): value is string | number | boolean {
  return ['string', 'number', 'boolean'].includes(typeof value)
}
