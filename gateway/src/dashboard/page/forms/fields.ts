import type { VNode } from 'preact'
import type { FormField } from '../../form-fields.ts'
import { html } from '../html.ts'
import type { FormValues } from './form-values.ts'

interface FieldsProps {
  /** Before the ids of the inputs, so that two forms may stand on one page. */
  id: string
  fields: readonly FormField[]
  values: FormValues
  /** Names of fields that the field's own name does not explain. */
  labels?: Readonly<Record<string, string>>
  onChange: (name: string, value: FormValues[string]) => void
}

/** The inputs of a form, each with its label and what the API says of it. */
export function Fields({ id, fields, values, labels = {}, onChange }: FieldsProps): VNode[] {
  const areMixed = fields.some(({ isRequired }) => isRequired)
  const isSaid = ({ isRequired, input }: FormField) =>
    areMixed && !isRequired && !['flag', 'choices'].includes(input)
  return fields.map((field) => {
    const label = `${labels[field.name] ?? labelOf(field.name)}${isSaid(field) ? ' (optional)' : ''}`
    return html`<${Field} key=${field.name} id=${`${id}-${field.name}`} field=${field} values=${values} label=${label} onChange=${onChange} />`
  })
}

const PLACEHOLDERS: Partial<Record<FormField['input'], string>> = {
  lines: 'One a line',
  pairs: 'Name: value',
}

interface FieldProps extends Pick<FieldsProps, 'id' | 'values' | 'onChange'> {
  field: FormField
  label: string
}

type InputEventOf<T extends HTMLElement> = Event & { currentTarget: T }

function Field({ id, field, label, values, onChange }: FieldProps): VNode {
  const { name, input, isRequired, description, choices = [], parts = [], standard } = field
  const value = values[name]
  const text = typeof value === 'string' ? value : ''
  const hint = `${id}-hint`
  const shared = { id, required: isRequired, 'aria-describedby': description === '' ? null : hint }
  const onInput = (event: InputEventOf<HTMLInputElement>) => onChange(name, event.currentTarget.value)
  const title = html`<label for=${id}>${label}</label>`
  const said = description !== '' && html`<span id=${hint} class="hint">${withCode(description)}</span>`
  switch (input) {
    case 'flag':
      return html`<div class="field">
        <label class="check"><input type="checkbox" id=${id} checked=${value ?? standard} aria-describedby=${shared['aria-describedby']}
          onChange=${(event: InputEventOf<HTMLInputElement>) => onChange(name, event.currentTarget.checked)} /> ${label}</label>${said}</div>`
    case 'longText':
    case 'lines':
    case 'pairs':
      return html`<div class="field">${title}
        <textarea ...${shared} rows=${input === 'longText' ? 3 : 2} value=${text} onInput=${onInput}
          placeholder=${PLACEHOLDERS[input] ?? null} spellcheck=${input === 'longText'}></textarea>${said}</div>`
    case 'choice':
      return html`<div class="field">${title}
        <select ...${shared} value=${text} onChange=${onInput}>
          <option value=""></option>
          ${choices.map((one) => html`<option value=${one}>${one}</option>`)}
        </select>${said}</div>`
    case 'choices':
      return html`<fieldset class="field choices" aria-describedby=${shared['aria-describedby']}><legend>${label}</legend>
        ${choices.toSorted(allFirst).map((one) => html`<${Choice} one=${one} chosen=${value} onChange=${(all: string[]) => onChange(name, all)} />`)}${said}</fieldset>`
    case 'parts':
      return html`<fieldset class="field" aria-describedby=${shared['aria-describedby']}><legend>${label}</legend>
        <${Fields} id=${id} fields=${parts.map((part) => ({ ...part, isRequired: false }))} values=${values} onChange=${onChange} />${said}</fieldset>`
    case 'file':
      return html`<div class="field"><label for=${id}>File</label>
        <input type="file" id=${id} onChange=${(event: InputEventOf<HTMLInputElement>) => onChange(name, event.currentTarget.files?.[0])} />
        <label for=${`${id}-url`}>… or its address</label>
        <input type="url" id=${`${id}-url`} value=${text} disabled=${value instanceof File} placeholder="https://" onInput=${onInput} /></div>`
    case 'contact':
      return html`<div class="field">
        ${['name', 'phone', 'organization'].map(
          (part) => html`
            <label for=${`${id}-${part}`}>${labelOf(part)}</label>
            <input id=${`${id}-${part}`} required=${part !== 'organization'} value=${values[`contacts.${part}`] ?? ''} autocomplete="off"
              onInput=${(event: InputEventOf<HTMLInputElement>) => onChange(`contacts.${part}`, event.currentTarget.value)} />`,
        )}</div>`
    case 'number':
      return html`<div class="field">${title}<input ...${shared} type="number" step="any" value=${text} onInput=${onInput} />${said}</div>`
    case 'time':
      return html`<div class="field">${title}<input ...${shared} type="datetime-local" value=${text} onInput=${onInput} />${said}</div>`
    case 'text':
      return html`<div class="field">${title}<input ...${shared} type="text" value=${text} onInput=${onInput} autocomplete="off" />${said}</div>`
  }
}

interface ChoiceProps {
  one: string
  chosen: FormValues[string]
  onChange: (all: string[]) => void
}

function Choice({ one, chosen, onChange }: ChoiceProps): VNode {
  const before = Array.isArray(chosen) ? (chosen as string[]) : []
  const change = (event: InputEventOf<HTMLInputElement>) =>
    onChange(event.currentTarget.checked ? [...before, one] : before.filter((other) => other !== one))
  return html`<label class="check"><input type="checkbox" checked=${before.includes(one)} onChange=${change} /> ${one === '*' ? 'all (*)' : one}</label>`
}

function allFirst(one: string, other: string): number {
  return Number(other === '*') - Number(one === '*')
}

/** `linkPreview` as `Link preview`, `warmUp.startPerDay` as `Start per day`. */
function labelOf(name: string): string {
  const words = name
    .slice(name.lastIndexOf('.') + 1)
    .replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** What stands between backticks is code. */
function withCode(text: string): (string | VNode)[] {
  return text.split('`').map((part, i) => (i % 2 === 0 ? part : html`<code>${part}</code>`))
}
