import type { FormField } from '../../form-fields.ts'

/** What stands in the inputs of a form, by the names of its fields. */
export type FormValues = Readonly<Record<string, string | boolean | readonly string[] | File | undefined>>

/** A field holds what no request can be made of; said to the person before anything is asked. */
export class FormFault extends Error {
  override readonly name = 'FormFault'
}

/**
 * What a request is given of a form: only what was filled in and differs from what holds anyway.
 * @param uploaded stands in the place of a chosen file
 * @throws FormFault
 */
export function collectValues(
  fields: readonly FormField[],
  values: FormValues,
  uploaded?: string,
): Record<string, unknown> {
  const given = fields.flatMap((field): [string, unknown][] => {
    const value = readField(field, values, uploaded)
    return value === undefined || value === field.standard ? [] : [[field.name, value]]
  })
  return Object.fromEntries(given)
}

function readField({ name, input, parts = [] }: FormField, values: FormValues, uploaded?: string): unknown {
  const value = values[name]
  const text = typeof value === 'string' ? value : ''
  switch (input) {
    case 'flag':
      return typeof value === 'boolean' ? value : undefined
    case 'choices':
      return Array.isArray(value) && value.length > 0 ? value : undefined
    case 'file':
      if (value instanceof File) return { upload: uploaded }
      return text.trim() === '' ? undefined : { url: text.trim() }
    case 'contact':
      return contactOf(values)
    case 'lines': {
      const lines = text.split('\n').map((line) => line.trim())
      const given = lines.filter((line) => line !== '')
      return given.length === 0 ? undefined : given
    }
    case 'number':
      return text.trim() === '' ? undefined : Number(text)
    case 'time':
      return text === '' ? undefined : timeOf(name, text)
    case 'pairs':
      return text.trim() === '' ? undefined : pairsOf(name, text)
    case 'parts': {
      const given = Object.entries(collectValues(parts, values))
      return given.length === 0
        ? undefined
        : Object.fromEntries(given.map(([path, one]) => [path.slice(name.length + 1), one]))
    }
    case 'text':
    case 'longText':
    case 'choice':
      return text === '' ? undefined : text
  }
}

function contactOf(values: FormValues): unknown {
  const part = (name: string) => String(values[`contacts.${name}`] ?? '').trim()
  const organization = part('organization')
  return [{ name: part('name'), phone: part('phone'), ...(organization !== '' && { organization }) }]
}

/** A date and time of this machine's zone, as `<input type=datetime-local>` has it. */
function timeOf(name: string, text: string): string {
  const at = new Date(text)
  if (Number.isNaN(at.getTime())) throw new FormFault(`${name}: is no date and time`)
  return at.toISOString()
}

function pairsOf(name: string, text: string): Record<string, string> {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  return Object.fromEntries(
    lines.map((line) => {
      const end = line.indexOf(':')
      if (end < 1) throw new FormFault(`${name}: must have a name and a value a line, such as X-Team: sales`)
      return [line.slice(0, end).trim(), line.slice(end + 1).trim()]
    }),
  )
}
