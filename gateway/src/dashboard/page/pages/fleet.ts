import type { Listed } from '@wsg/shared/paging.ts'
import type { VNode } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { HealthAnswer } from '../../../routes/service/health.ts'
import type { WorkerAnswer } from '../../../routes/service/workers.ts'
import { writeAddress } from '../address.ts'
import { quantile, readMetrics, type Sample, total } from '../api/read-metrics.ts'
import { Bar } from '../components/bar.ts'
import { ProblemNotice } from '../components/problem-notice.ts'
import { Sparkline } from '../components/sparkline.ts'
import { StateBadge } from '../components/state-badge.ts'
import { Ago, formatSpan } from '../components/time.ts'
import { useApp } from '../context.ts'
import { useLoaded } from '../hooks/use-loaded.ts'
import { html } from '../html.ts'

const EVERY_MS = 5_000
/** Ten minutes. */
const KEPT = 120
/** The most that one answer has. */
const MOST_WORKERS = 500

type Figures = ReadonlyMap<string, readonly Sample[]>

interface Reading {
  /** Of the gateway, epoch ms. */
  at: number
  figures: Figures
}

/** All workers and sessions together. The graphs begin when the page is opened: for longer ones there is Prometheus. */
export function Fleet(): VNode {
  const { api, may, self } = useApp()
  const [readings, setReadings] = useState<readonly Reading[]>([])
  const health = useLoaded((signal) => api.ask<HealthAnswer>('/health', { signal }), EVERY_MS, [])
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
    ${figures !== undefined && html`<${Graphs} readings=${readings} figures=${figures} /><${Pages} figures=${figures} />`}
    ${may('operator') && self.sessions === null && html`<${Workers} />`}`
}

function Capacity({ health, figures }: { health: HealthAnswer; figures: Figures | undefined }): VNode {
  const { sessions, workers, uptime } = health
  const waiting = (figures && total(figures, 'wsg_sessions_waiting_for_worker')) ?? 0
  const busy = workers.total - workers.idle
  return html`
    <section aria-labelledby="capacity">
      <h2 id="capacity">Capacity</h2>
      ${waiting > 0 && html`<p class="notice bad">${waiting} ${waiting === 1 ? 'session waits' : 'sessions wait'} for a worker: add workers.</p>`}
      <dl>
        <dt>Workers</dt><dd>${busy} of ${workers.total} run a session, ${workers.idle} ${workers.idle === 1 ? 'is' : 'are'} free <${Bar} value=${busy} most=${workers.total} /></dd>
        <dt>Sessions</dt><dd>${sessions.ready} of ${sessions.total} ready, ${sessions.waiting_qr} waiting for a scan, ${sessions.initializing} starting, ${sessions.failed} failed</dd>
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
    ['Sessions that run', gauge('wsg_sessions_owned')],
    ['Free workers', gauge('wsg_workers_idle')],
    ['Webhook deliveries a minute', ratesOf(readings, 'wsg_webhook_deliveries_total')],
  ]
  return html`
    <section aria-labelledby="figures">
      <h2 id="figures">Since this page was opened</h2>
      <ul class="graphs">
        ${graphs.map(([label, values]) => html`<li><span>${label}</span> <b>${values.length === 0 ? '…' : Math.round(values.at(-1) as number)}</b><${Sparkline} values=${values} /></li>`)}
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
          <li><code>${labels.page}</code> in ${value} ${value === 1 ? 'session' : 'sessions'}
            ${labels.complete === 'no' && html` <span class="badge attention">lacks parts that are used</span>`}</li>`,
      )}</ul>
      ${restricted.map(({ labels, value }) => html`<p class="notice bad">${value} restricted by WhatsApp: ${labels.kind}</p>`)}
    </section>`
}

function Workers(): VNode {
  const { api } = useApp()
  const list = useLoaded(
    (signal) => api.ask<Listed<WorkerAnswer>>('/workers', { query: { limit: MOST_WORKERS }, signal }),
    EVERY_MS,
    [],
  )
  return html`
    <section aria-labelledby="workers">
      <h2 id="workers">Workers</h2>
      <${ProblemNotice} problem=${list.problem} />
      ${list.data?.items.length === 0 && html`<p class="notice bad">No worker lives: sessions wait until one is started.</p>`}
      <table class="cards">
        <caption class="visually-hidden">Workers</caption>
        <thead><tr>
          <th scope="col">Worker</th><th scope="col">Session</th><th scope="col">Memory</th><th scope="col">WhatsApp Web</th>
          <th scope="col">Version</th><th scope="col">Started</th>
        </tr></thead>
        <tbody>${list.data?.items.map((worker) => html`<${WorkerRow} key=${worker.id} worker=${worker} />`)}</tbody>
      </table>
      ${list.data?.nextCursor != null && html`<p class="soft">The first ${MOST_WORKERS}. <code>GET /workers</code> has all, page by page.</p>`}
    </section>`
}

function WorkerRow({ worker }: { worker: WorkerAnswer }): VNode {
  const { id, host, version, startedAt, session, memoryMb, memoryLimitMb } = worker
  const most = memoryLimitMb === null ? '' : ` of ${memoryLimitMb}`
  const memory = memoryMb === null ? 'not measured yet' : `${Math.round(memoryMb)}${most} MB`
  return html`
    <tr>
      <th scope="row">${id} ${host !== undefined && !id.startsWith(host) && html`<span class="soft">${host}</span>`}</th>
      <td data-label="Session">${
        session === null
          ? html`<span class="soft">free</span>`
          : html`<a href=${writeAddress(['sessions', session.id])}>${session.id}</a> <${StateBadge} state=${session.status} />`
      }</td>
      <td data-label="Memory">${memory} <${Bar} value=${memoryMb} most=${memoryLimitMb} /></td>
      <td data-label="WhatsApp Web">${session?.page ?? '–'} <span class="soft">${session?.library}</span></td>
      <td data-label="Version">${version ?? '–'}</td>
      <td data-label="Started"><${Ago} at=${startedAt} /></td>
    </tr>`
}
