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
  /** What no other fits, as JSON. */
  | 'json'

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
  properties?: Record<string, JsonSchema>
  required?: string[]
  items?: JsonSchema
  anyOf?: JsonSchema[]
}

/**
 * The form of a request, made from the schema that reads it: a field that is added there is asked for in the dashboard. Fields
 * with one possible value are left out.
 */
export function formFields(schema: z.ZodType): FormField[] {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
  }) as JsonSchema
  return Object.entries(properties)
    .filter(([, field]) => field.const === undefined)
    .map(([name, field]) => {
      const { description = '', default: standard } = field
      const choices = field.enum ?? field.items?.enum
      return {
        name,
        input: inputOf(name, field),
        isRequired: required.includes(name),
        description,
        ...(choices !== undefined && { choices }),
        ...(isPlain(standard) && { standard }),
      }
    })
}

function inputOf(name: string, field: JsonSchema): FormInput {
  if (name === 'media') return 'file'
  if (name === 'contacts') return 'contact'
  const forms = field.anyOf ?? [field]
  const has = (type: string) => forms.find((form) => form.type === type)
  const list = has('array')
  if (list?.items?.enum !== undefined) return 'choices'
  if (list?.items?.type === 'string') return 'lines'
  if (field.enum !== undefined) return 'choice'
  if (has('number') ?? has('integer')) return 'number'
  const text = has('string')
  if (text?.format === 'date-time') return 'time'
  if (text !== undefined) return isLong(text) ? 'longText' : 'text'
  return has('boolean') === undefined ? 'json' : 'flag'
}

function isLong({ maxLength, format }: JsonSchema): boolean {
  return format === undefined && (maxLength === undefined || maxLength > MAX_ONE_LINE)
}

function isPlain(value: unknown): value is string | number | boolean {
  return ['string', 'number', 'boolean'].includes(typeof value)
}
