import type { VNode } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { html } from '../html.ts'

interface ConfirmButtonProps {
  label: string
  /** Said before it is done. */
  question: string
  isDisabled?: boolean
  onConfirm: () => void
}

/** For what cannot be undone: asks once more in its place. Whoever uses a keyboard is led to the question and back. */
export function ConfirmButton({ label, question, isDisabled, onConfirm }: ConfirmButtonProps): VNode {
  const [isAsking, setAsking] = useState(false)
  const wasShown = useRef(false)
  const first = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    if (wasShown.current) first.current?.focus()
    wasShown.current = true
  }, [isAsking])
  if (!isAsking)
    return html`
      <button type="button" class="danger" ref=${first} disabled=${isDisabled} onClick=${() => setAsking(true)}>${label}</button>`
  const answer = (isSure: boolean) => () => {
    setAsking(false)
    if (isSure) onConfirm()
  }
  return html`
    <span class="row" role="group" aria-label=${question} onKeyDown=${({ key }: KeyboardEvent) => key === 'Escape' && setAsking(false)}>
      <strong>${question}</strong>
      <button type="button" class="danger" onClick=${answer(true)}>Yes, ${label.toLowerCase()}</button>
      <button type="button" ref=${first} onClick=${answer(false)}>No</button>
    </span>`
}
