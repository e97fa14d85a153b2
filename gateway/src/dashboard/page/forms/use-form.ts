import { useState } from 'preact/hooks'
import type { FormValues } from './form-values.ts'

/** The values of a form while a person writes. */
export function useForm(first: FormValues = {}): {
  values: FormValues
  onChange: (name: string, value: FormValues[string]) => void
  reset: (values: FormValues) => void
} {
  const [values, setValues] = useState(first)
  return {
    values,
    onChange: (name, value) => setValues((before) => ({ ...before, [name]: value })),
    reset: setValues,
  }
}
