import type { VNode } from 'preact'
import { html } from '../html.ts'

/** From here on it is full enough to be looked at. */
const HIGH_SHARE = 0.9

/** How much of something is used. It is said in words beside it. */
export function Bar({
  value,
  most,
}: {
  value: number | null | undefined
  most: number | null | undefined
}): VNode | null {
  if (value == null || !most) return null
  const share = Math.min(1, value / most)
  return html`
    <svg class=${`bar ${share >= HIGH_SHARE ? 'high' : ''}`} viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
      <rect class="whole" width="100" height="6" /><rect width=${(share * 100).toFixed(1)} height="6" />
    </svg>`
}
