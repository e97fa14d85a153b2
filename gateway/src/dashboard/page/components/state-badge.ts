import type { VNode } from 'preact'
import { html } from '../html.ts'

const KINDS: Readonly<Record<string, string>> = {
  ready: 'good',
  delivered: 'good',
  read: 'good',
  played: 'good',
  sent: 'good',
  waiting_qr: 'attention',
  unknown: 'attention',
  retrying: 'attention',
  failed: 'bad',
  dead: 'bad',
  expired: 'bad',
  initializing: 'moving',
  queued: 'moving',
  sending: 'moving',
  pending: 'moving',
}

/** A state in its own word; the colour only underlines it. Another state is another element, so that nobody who watches misses it. */
export function StateBadge({ state }: { state: string }): VNode {
  return html`<span key=${state} class=${`badge ${KINDS[state] ?? 'still'}`}>${state}</span>`
}
