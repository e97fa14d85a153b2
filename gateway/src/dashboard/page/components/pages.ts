import type { VNode } from 'preact'
import { html } from '../html.ts'

interface PagesProps {
  /** The address of the first page, where another is shown. */
  first: string | null
  /** The address of the next page, where there is one. */
  next: string | null
}

/** The way through a list that comes in pages. */
export function Pages({ first, next }: PagesProps): VNode | null {
  if (first === null && next === null) return null
  return html`
    <nav class="row" aria-label="Pages">
      ${first !== null && html`<a class="button" href=${first}>First page</a>`}
      ${next !== null && html`<a class="button" href=${next}>Next page</a>`}
    </nav>`
}
