import type { VNode } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { Health } from '../api/answers.ts'
import { quantile, readMetrics, type Sample, total } from '../api/read-metrics.ts'
import { useApp } from '../context.ts'
import { html } from '../parts/html.ts'
import { ProblemNotice } from '../parts/problem-notice.ts'
import { Sparkline } from '../parts/sparkline.ts'
import { formatSpan } from '../parts/time.ts'
import { useLoaded } from '../parts/use-loaded.ts'

const EVERY_MS = 5_000
/** Ten minutes. */
const KEPT = 120
const BYTES_PER_MB = 1_048_576

type Figures = ReadonlyMap<string, readonly Sample[]>

interface Reading {
  /** Of the gateway, epoch ms. */
  at: number
  figures: Figures
}

/** All workers and sessions together. The graphs begin when the page is opened: for longer ones there is Prometheus. */
export function Fleet(): VNode {
  const { api } = useApp()
  const [readings, setReadings] = useState<readonly Reading[]>([])
  const health = useLoaded((signal) => api.ask<Health>('/health', { signal }), EVERY_MS, [])
  const metrics = useLoaded(
    async (signal) => {
      const text = await api.ask<string>('/metrics', { signal })
      return { at: api.now(), figures: readMetrics(text) }
    },
    EVERY_MS,
    [],
  )
  useEffect(() => {
    const reading = metrics.data
    if (reading !== null) setReadings((before) => [...before, reading].slice(-KEPT))
  }, [metrics.data])
  const figures = metrics.data?.figures
  return html`
    <h1>Fleet</h1>
    <${ProblemNotice} problem=${health.problem} />
    ${health.data !== null && html`<${Capacity} health=${health.data} figures=${figures} />`}
    ${
      metrics.problem !== null &&
      html`<p>The figures below come from <code>/metrics</code>, which needs a token for all sessions, and METRICS not to be off:</p>
        <${ProblemNotice} problem=${metrics.problem} />`
    }
    ${figures !== undefined && html`<${Graphs} readings=${readings} figures=${figures} /><${Pages} figures=${figures} /><${Workers} figures=${figures} />`}`
}

function Capacity({ health, figures }: { health: Health; figures: Figures | undefined }): VNode {
  const { sessions, workers, uptime } = health
  const waiting = figures === undefined ? null : total(figures, 'wsg_sessions_waiting_for_worker')
  return html`
    <section aria-labelledby="capacity">
      <h2 id="capacity">Capacity</h2>
      <dl>
        <dt>Sessions</dt><dd>${sessions.total} known, ${sessions.ready} ready, ${sessions.waiting_qr} waiting for a scan, ${sessions.initializing} starting, ${sessions.failed} failed</dd>
        <dt>Workers</dt><dd>${workers.total}, of which ${workers.idle} ${workers.idle === 1 ? 'is' : 'are'} free</dd>
        ${waiting !== null && waiting > 0 && html`<dt>No worker</dt><dd class="bad">${waiting} sessions wait for one: add workers</dd>`}
        <dt>This gateway</dt><dd>runs for ${formatSpan(uptime * 1_000)}</dd>
      </dl>
    </section>`
}

function Graphs({ readings, figures }: { readings: readonly Reading[]; figures: Figures }): VNode {
  const gauge = (name: string) => readings.map((reading) => total(reading.figures, name) ?? 0)
  const latency = (share: number) => {
    const seconds = quantile(figures, 'wsg_send_latency_seconds', share)
    return seconds === null
      ? '–'
      : seconds < 1
        ? `${Math.round(seconds * 1_000)} ms`
        : `${seconds.toFixed(1)} s`
  }
  const graphs: [string, number[]][] = [
    ['Messages accepted a minute', ratesOf(readings, 'wsg_messages_accepted_total')],
    ['Messages settled a minute', ratesOf(readings, 'wsg_messages_settled_total')],
    ['Messages waiting', gauge('wsg_messages_waiting')],
    ['Sessions owned', gauge('wsg_sessions_owned')],
    ['Free workers', gauge('wsg_workers_idle')],
    ['Webhook deliveries a minute', ratesOf(readings, 'wsg_webhook_deliveries_total')],
  ]
  return html`
    <section aria-labelledby="figures">
      <h2 id="figures">Since this page was opened</h2>
      <ul class="graphs">
        ${graphs.map(([label, values]) => html`<li><b>${Math.round(values.at(-1) ?? 0)}</b> ${label}<${Sparkline} values=${values} /></li>`)}
      </ul>
      <p>From acceptance to WhatsApp's first ack, of all messages so far: half within ${latency(0.5)}, 99 % within ${latency(0.99)}.</p>
    </section>`
}

/** How much a counter grew a minute, between each two readings; not below 0, where it began anew. */
export function ratesOf(readings: readonly Reading[], name: string): number[] {
  return readings.slice(1).map(({ at, figures }, i) => {
    const before = readings[i] as Reading
    const grown = (total(figures, name) ?? 0) - (total(before.figures, name) ?? 0)
    return (Math.max(0, grown) * 60_000) / Math.max(1, at - before.at)
  })
}

function Pages({ figures }: { figures: Figures }): VNode {
  const pages = figures.get('wsg_sessions_on_page') ?? []
  const restricted = (figures.get('wsg_sessions_restricted') ?? []).filter(({ value }) => value > 0)
  return html`
    <section aria-labelledby="versions">
      <h2 id="versions">Versions of WhatsApp Web</h2>
      ${pages.length === 0 && html`<p class="soft">No session runs.</p>`}
      <ul>${pages.map(
        ({ labels, value }) => html`
          <li>${labels.page}: ${value} ${value === 1 ? 'session' : 'sessions'}
            ${labels.complete === 'no' && html` <span class="badge attention">lacks parts that are used</span>`}</li>`,
      )}</ul>
      ${restricted.map(({ labels, value }) => html`<p class="notice bad">${value} restricted by WhatsApp: ${labels.kind}</p>`)}
    </section>`
}

function Workers({ figures }: { figures: Figures }): VNode {
  const workers = (figures.get('wsg_worker_memory_bytes') ?? []).toSorted((a, b) => b.value - a.value)
  return html`
    <section aria-labelledby="workers">
      <h2 id="workers">Memory of the workers</h2>
      ${workers.length === 0 && html`<p class="soft">None has said yet.</p>`}
      <table>
        <caption class="visually-hidden">Memory of each worker and its browser, the largest first</caption>
        <thead><tr><th scope="col">Worker</th><th scope="col" class="number">Memory</th></tr></thead>
        <tbody>${workers.map(({ labels, value }) => html`<tr><th scope="row">${labels.worker}</th><td class="number">${Math.round(value / BYTES_PER_MB)} MB</td></tr>`)}</tbody>
      </table>
    </section>`
}
