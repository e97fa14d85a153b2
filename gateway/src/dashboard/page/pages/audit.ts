import type { Listed } from '@wsg/shared/paging.ts'
import type { VNode } from 'preact'
import type { AuditAnswer } from '../../../routes/service/audit.ts'
import { type Address, writeAddress } from '../address.ts'
import { Pages } from '../components/pages.ts'
import { ProblemNotice } from '../components/problem-notice.ts'
import { SearchBox } from '../components/search-box.ts'
import { Time } from '../components/time.ts'
import { useApp } from '../context.ts'
import { useLoaded } from '../hooks/use-loaded.ts'
import { html } from '../html.ts'

const PAGE_SIZE = 50
const EVERY_MS = 5_000

/** Who changed what, the newest first. */
export function Audit({ address }: { address: Address }): VNode {
  const { api } = useApp()
  const { search, session, after } = address.query
  const list = useLoaded(
    (signal) =>
      api.ask<Listed<AuditAnswer>>('/audit', {
        session,
        query: { search, limit: PAGE_SIZE, cursor: after },
        signal,
      }),
    EVERY_MS,
    [search, session, after],
  )
  const items = list.data?.items ?? []
  const next = list.data?.nextCursor ?? null
  const at = (query: Record<string, string | undefined>) =>
    writeAddress(['audit'], { search, session, ...query })
  return html`
    <h1>Audit</h1>
    <p>Who changed what, the newest first. What was sent is among the messages of each session. About the last 10,000 changes are kept.</p>
    <div class="row">
      <${SearchBox} id="search" value=${search} label="Search by token, request or request id" placeholder="Token, request, id …"
        addressOf=${(typed: string) => at({ search: typed })} />
      <${SearchBox} id="session" value=${session} label="Session" placeholder="Session"
        addressOf=${(typed: string) => at({ session: typed })} />
    </div>
    <${ProblemNotice} problem=${list.problem} />
    ${
      items.length === 0
        ? html`<p class="soft" role="status">${list.data === null ? list.problem === null && 'Loading …' : 'No change is like that.'}</p>`
        : html`<section aria-label="Changes">
        <table class="cards">
          <caption class="visually-hidden">Changes</caption>
          <thead><tr>
            <th scope="col">When</th><th scope="col">Token</th><th scope="col">Request</th><th scope="col">Session</th>
            <th scope="col" class="number">Answer</th><th scope="col">Request id</th>
          </tr></thead>
          <tbody>${items.map((entry) => html`<${Entry} key=${entry.requestId} entry=${entry} />`)}</tbody>
        </table>
      </section>`
    }
    <${Pages} first=${after === undefined ? null : at({})} next=${next === null ? null : at({ after: next })} />`
}

function Entry({ entry }: { entry: AuditAnswer }): VNode {
  const { at, by, request, named, sessionId, status, requestId } = entry
  const values = Object.entries(named).map(([name, value]) => `${name}: ${String(value)}`)
  return html`
    <tr>
      <td data-label="When"><${Time} at=${at} /></td>
      <th scope="row">${by}</th>
      <td><code>${request}</code> ${values.length > 0 && html`<span class="soft">${values.join(', ')}</span>`}</td>
      <td data-label="Session">${sessionId === undefined ? html`<span class="soft">–</span>` : html`<a href=${writeAddress(['sessions', sessionId])}>${sessionId}</a>`}</td>
      <td data-label="Answer" class="number">${status}</td>
      <td data-label="Request id"><code>${requestId}</code></td>
    </tr>`
}
