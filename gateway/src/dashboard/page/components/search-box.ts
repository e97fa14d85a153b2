import type { VNode } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { html } from '../html.ts'

/** So long after the last key a search begins. */
const TYPED_MS = 250

interface SearchBoxProps {
  id: string
  /** What is searched for, as the address has it. */
  value: string | undefined
  label: string
  placeholder: string
  /** The address with another search. */
  addressOf: (value: string) => string
}

/** A search that stands in the address, so that it can be handed on and come back to. */
export function SearchBox({ id, value = '', label, placeholder, addressOf }: SearchBoxProps): VNode {
  const [typed, setTyped] = useState(value)
  useEffect(() => {
    if (typed === value) return
    const timer = setTimeout(() => location.replace(addressOf(typed)), TYPED_MS)
    return () => clearTimeout(timer)
  }, [typed, value])
  return html`
    <label for=${id} class="visually-hidden">${label}</label>
    <input id=${id} type="search" placeholder=${placeholder} autocomplete="off" spellcheck="false"
      value=${typed} onInput=${(event: InputEvent) => setTyped((event.target as HTMLInputElement).value)} />`
}
