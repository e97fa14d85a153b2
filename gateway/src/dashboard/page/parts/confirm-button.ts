import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import { html } from './html.ts'

interface ConfirmButtonProps {
  label: string
  /** Said before it is done. */
  question: string
  isDisabled?: boolean
  onConfirm: () => void
}

/** For what cannot be undone: asks once more in its place. */
export function ConfirmButton({ label, question, isDisabled, onConfirm }: ConfirmButtonProps): VNode {
  const [isAsking, setAsking] = useState(false)
  if (!isAsking)
    return html`
      <button type="button" class="danger" disabled=${isDisabled} onClick=${() => setAsking(true)}>${label}</button>`
  const answer = (isSure: boolean) => () => {
    setAsking(false)
    if (isSure) onConfirm()
  }
  const focus = (element: HTMLElement | null) => element?.focus()
  return html`
    <span class="row" role="group" aria-label=${question}>
      <strong>${question}</strong>
      <button type="button" class="danger" onClick=${answer(true)}>Yes, ${label.toLowerCase()}</button>
      <button type="button" ref=${focus} onClick=${answer(false)}>No</button>
    </span>`
}
