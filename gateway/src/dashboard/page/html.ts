import htm from 'htm'
import { h, type VNode } from 'preact'

/** Templates as trees of elements. What is put in is text or an element, never HTML. */
// htm's own types take its default export for a module's namespace.
export const html = (htm as unknown as typeof htm.default).bind(h) as (
  strings: TemplateStringsArray,
  ...values: unknown[]
) => VNode
