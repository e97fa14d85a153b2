import type { Listed } from '@wsg/shared/paging.ts'
import type { VNode } from 'preact'
import type { HealthAnswer } from '../../../routes/service/health.ts'
import type { SessionDetails } from '../../../sessions/session-answer.ts'
import { type Address, writeAddress } from '../address.ts'
import type { Api } from '../api/api.ts'
import { Pages } from '../components/pages.ts'
import { ProblemNotice } from '../components/problem-notice.ts'
import { SearchBox } from '../components/search-box.ts'
import { StateBadge } from '../components/state-badge.ts'
import { Ago } from '../components/time.ts'
import { useApp } from '../context.ts'
import { useAction } from '../hooks/use-action.ts'
import { useEvents } from '../hooks/use-events.ts'
import { useLoaded } from '../hooks/use-loaded.ts'
import { html } from '../html.ts'
import { possible } from './session/controls.ts'

const PAGE_SIZE = 50
/** Where events come, a look now and then is enough for what they do not tell. */
const EVERY_MS = 5_000

/** All sessions, a page at a time. Search, state and place are in the address. */
export function Sessions({ address }: { address: Address }): VNode {
  const { api, facts, may } = useApp()
  const { search, state, after } = address.query
  const list = useLoaded(
    (signal) => listSessions(api, { status: state, search, cursor: after }, signal),
    EVERY_MS,
    [search, state, after],
  )
  const health = useLoaded((signal) => api.ask<HealthAnswer>('/health', { signal }), EVERY_MS, [])
  useEvents(undefined, ['session.status'], () => {
    list.reload()
    health.reload()
  })
  const sessions = list.data?.items ?? []
  const next = list.data?.nextCursor ?? null
  const at = (query: Record<string, string | undefined>) =>
    writeAddress(['sessions'], { search, state, ...query })
  return html`
    <div class="row">
      <h1>Sessions</h1>
      ${may('operator') && html`<a class="button primary" href="#/new">New session</a>`}
    </div>
    <div class="row filters">
      <${SearchBox} id="search" value=${search} label="Search by name, phone or the account's name" placeholder="Name, phone …"
        addressOf=${(typed: string) => at({ search: typed })} />
      <nav class="row" aria-label="By state">
        ${[undefined, ...facts.sessionStatuses].map(
          (one) => html`
            <a class="chip" href=${at({ state: one })} aria-current=${one === state ? 'true' : null}>
              ${one ?? 'all'} <b>${countOf(health.data, one)}</b>
            </a>`,
        )}
      </nav>
    </div>
    <${ProblemNotice} problem=${list.problem ?? health.problem} />
    ${list.data !== null && sessions.length === 0 ? html`<${Empty} isFiltered=${Boolean(search ?? state)} />` : html`<${SessionTable} sessions=${sessions} isBusy=${list.data === null} onChange=${list.reload} />`}
    <${Pages} first=${after === undefined ? null : at({})} next=${next === null ? null : at({ after: next })} />`
}

/** A page that looked at many sessions and found few is gone on with, until there is something to show. */
async function listSessions(
  api: Api,
  query: Record<string, string | undefined>,
  signal: AbortSignal,
): Promise<Listed<SessionDetails>> {
  const items: SessionDetails[] = []
  for (let cursor = query.cursor; ; ) {
    const limit = PAGE_SIZE - items.length
    const page = await api.ask<Listed<SessionDetails>>('/sessions', {
      query: { ...query, cursor, limit },
      signal,
    })
    items.push(...page.items)
    if (page.nextCursor === null || items.length >= PAGE_SIZE) return { items, nextCursor: page.nextCursor }
    cursor = page.nextCursor
  }
}

function Empty({ isFiltered }: { isFiltered: boolean }): VNode {
  return isFiltered
    ? html`<p>No session is like that. <a href="#/sessions">Show all</a></p>`
    : html`<p>There is no session yet. <a href="#/new">Make the first one</a>: it takes a minute.</p>`
}

interface SessionTableProps {
  sessions: SessionDetails[]
  isBusy: boolean
  onChange: () => void
}

function SessionTable({ sessions, isBusy, onChange }: SessionTableProps): VNode {
  const { may } = useApp()
  return html`
    <table class="cards dense" aria-busy=${isBusy}>
      <caption class="visually-hidden">Sessions</caption>
      <thead><tr>
        <th scope="col">Session</th><th scope="col">State</th><th scope="col">Account</th>
        <th scope="col" class="number">Messages</th><th scope="col">Last ack</th><th scope="col" class="number">Memory</th>
        ${may('operator') && html`<th scope="col">Next step</th>`}
      </tr></thead>
      <tbody>${sessions.map((session) => html`<${SessionRow} key=${session.sessionId} session=${session} onChange=${onChange} />`)}</tbody>
    </table>`
}

interface SessionRowProps {
  session: SessionDetails
  onChange: () => void
}

function SessionRow({ session, onChange }: SessionRowProps): VNode {
  const { may } = useApp()
  const { sessionId, status, reason, message, phone, pushName, messageCount, lastAckAt, memoryMb } = session
  const { restriction, degraded, engine } = session
  return html`
    <tr>
      <th scope="row"><a href=${writeAddress(['sessions', sessionId])}>${sessionId}</a></th>
      <td>
        <${StateBadge} state=${status} /> <span class="soft">${reason}</span>
        ${restriction !== undefined && html` <span class="badge bad">${restriction.kind}</span>`}
        ${degraded !== undefined && html` <span class="badge bad">no acks</span>`}
        ${engine !== undefined && engine.missing.length > 0 && html` <span class="badge attention">page lacks parts</span>`}
        ${status === 'failed' && html`<p class="hint">${message}</p>`}
      </td>
      <td data-label="Account">${phone === undefined ? html`<span class="soft">not linked</span>` : `+${phone}`} ${pushName}</td>
      <td data-label="Messages" class="number">${messageCount ?? 0}</td>
      <td data-label="Last ack"><${Ago} at=${lastAckAt} /></td>
      <td data-label="Memory" class="number">${memoryMb === undefined ? '–' : `${Math.round(memoryMb)} MB`}</td>
      ${may('operator') && html`<td><${NextStep} session=${session} onChange=${onChange} /></td>`}
    </tr>`
}

/** What brings it on, where it waits for somebody. All that can be done is on its own page. */
function NextStep({ session, onChange }: SessionRowProps): VNode | null {
  const { api } = useApp()
  const { run, isRunning, problem } = useAction()
  const { sessionId, status } = session
  const [first] = possible(session)
  const start = () =>
    void run(async () => {
      await api.ask('/session/start', { method: 'POST', session: sessionId })
      onChange()
    })
  if (first === 'start')
    return html`<button type="button" class="small" disabled=${isRunning} onClick=${start}>Start</button><${ProblemNotice} problem=${problem} />`
  if (first !== 'pair' && status !== 'waiting_qr') return null
  return html`<a class="button small" href=${writeAddress(['sessions', sessionId])}>Link a phone</a>`
}

/** What is in no other state is stopped. */
function countOf(health: HealthAnswer | null, state: string | undefined): number | string {
  if (health === null) return '…'
  const { total, ready, waiting_qr, initializing, failed } = health.sessions
  const known: Record<string, number> = { ready, waiting_qr, initializing, failed }
  if (state === undefined) return total
  return known[state] ?? Math.max(0, total - ready - waiting_qr - initializing - failed)
}
