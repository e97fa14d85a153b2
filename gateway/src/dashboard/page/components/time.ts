import type { VNode } from 'preact'
import { useApp } from '../context.ts'
import { html } from '../html.ts'

/** `2026-11-30 08:49:11`, with ` UTC` behind it where it is. */
export function formatTime(at: Date, isUtc: boolean): string {
  const local = new Date(at.getTime() - at.getTimezoneOffset() * 60_000)
  const [date, time = ''] = (isUtc ? at : local).toISOString().split('T')
  return `${date} ${time.slice(0, 8)}${isUtc ? ' UTC' : ''}`
}

/** `08:49:11.204`, or `08:49:11` on the second; with the date before it where it was not on the day of `now`. */
export function formatTimeOfDay(at: Date, now: Date, isUtc: boolean): string {
  const whole = formatTime(at, isUtc)
  const [date = '', time = ''] = whole.split(' ')
  const ms = at.getMilliseconds()
  const fraction = ms === 0 ? '' : `.${String(ms).padStart(3, '0')}`
  return formatTime(now, isUtc).startsWith(date) ? `${time}${fraction}` : `${date} ${time}`
}

/** `4 s`, `12 min`, `3 h`, `5 d`: rounded down. */
export function formatSpan(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000))
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`
  if (seconds < 172_800) return `${Math.floor(seconds / 3_600)} h`
  return `${Math.floor(seconds / 86_400)} d`
}

/** A moment, as the person wants times to be shown; the other way is said when the mouse rests on it. */
export function Time({ at }: { at: string | undefined | null }): VNode {
  const { isUtc } = useApp()
  if (at === undefined || at === null) return html`<span class="soft">–</span>`
  const date = new Date(at)
  return html`<time datetime=${at} title=${formatTime(date, !isUtc)}>${formatTime(date, isUtc)}</time>`
}

/** A moment among others that lie close to it; all of it is said when the mouse rests on it. */
export function TimeOfDay({ at }: { at: string }): VNode {
  const { api, isUtc } = useApp()
  const date = new Date(at)
  return html`<time datetime=${at} title=${formatTime(date, isUtc)}>${formatTimeOfDay(date, new Date(api.now()), isUtc)}</time>`
}

/** How long ago something was. */
export function Ago({ at }: { at: string | undefined | null }): VNode {
  const { api, isUtc } = useApp()
  if (at === undefined || at === null) return html`<span class="soft">–</span>`
  const span = formatSpan(api.now() - Date.parse(at))
  return html`<time datetime=${at} title=${formatTime(new Date(at), isUtc)}>${span} ago</time>`
}
