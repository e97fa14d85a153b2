import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import { html } from '../html.ts'

/** Browsers have a clipboard only under https or on localhost; elsewhere the button says so. */
export function CopyButton({ text, label = 'Copy' }: { text: string; label?: string }): VNode {
  const [said, setSaid] = useState<string | null>(null)
  const copy = async () => {
    const isDone = await navigator.clipboard?.writeText(text).then(
      () => true,
      () => false,
    )
    setSaid(isDone ? 'Copied' : 'Select and copy it yourself: this browser lets no page do so here')
    setTimeout(() => setSaid(null), 3_000)
  }
  return html`
    <button type="button" class="small" onClick=${copy}>${label}</button>
    <span role="status" class="soft">${said}</span>`
}
