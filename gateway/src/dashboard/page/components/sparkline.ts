import type { VNode } from 'preact'
import { html } from '../html.ts'

const [WIDTH, HEIGHT] = [160, 36]

/** A small graph of figures in the order of time. What it shows is said in words beside it. */
export function Sparkline({ values: [first = 0, ...rest] }: { values: readonly number[] }): VNode {
  const points = toPoints([first, ...(rest.length === 0 ? [first] : rest)], WIDTH, HEIGHT)
  return html`
    <svg class="sparkline" viewBox="0 0 ${WIDTH} ${HEIGHT}" width=${WIDTH} height=${HEIGHT} aria-hidden="true" preserveAspectRatio="none">
      <polygon points=${`0,${HEIGHT} ${points} ${WIDTH},${HEIGHT}`} class="area" />
      <polyline points=${points} fill="none" stroke="currentColor" stroke-width="2" vector-effect="non-scaling-stroke" />
    </svg>`
}

/** `x,y` for each: the first at the left edge, 0 at the bottom, the highest a little below the top. */
export function toPoints(values: readonly number[], width: number, height: number): string {
  const highest = Math.max(...values, 1)
  const step = width / Math.max(1, values.length - 1)
  const y = (value: number) => height - 2 - (value / highest) * (height - 4)
  return values.map((value, i) => `${(i * step).toFixed(1)},${y(value).toFixed(1)}`).join(' ')
}
