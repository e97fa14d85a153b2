import type { Role } from '@wsg/shared/roles.ts'
import type { VNode } from 'preact'
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { TokenSelf } from '../../routes/tokens/token-self.ts'
import type { Facts } from '../facts.ts'
import type { Address } from './address.ts'
import { Api } from './api/api.ts'
import { ProblemNotice } from './components/problem-notice.ts'
import { AppContext } from './context.ts'
import { useAddress } from './hooks/use-address.ts'
import { useLoaded } from './hooks/use-loaded.ts'
import { html } from './html.ts'
import { Audit } from './pages/audit.ts'
import { Events } from './pages/events.ts'
import { Fleet } from './pages/fleet.ts'
import { NewSession } from './pages/new-session.ts'
import { Session } from './pages/session.ts'
import { Sessions } from './pages/sessions.ts'
import { Tokens } from './pages/tokens.ts'
import { Webhooks } from './pages/webhooks.ts'

interface AppProps {
  token: string
  facts: Facts
  /** @param why null where the person wanted it */
  onSignOut: (why: string | null) => void
}

/** What each of them shows needs a role, and some of it a token for all sessions. */
const NAVIGATION: readonly { name: string; label: string; needs: Role; isForAll?: true }[] = [
  { name: 'sessions', label: 'Sessions', needs: 'viewer' },
  { name: 'events', label: 'Events', needs: 'viewer', isForAll: true },
  { name: 'webhooks', label: 'Webhooks', needs: 'operator', isForAll: true },
  { name: 'fleet', label: 'Fleet', needs: 'viewer' },
  { name: 'tokens', label: 'Tokens', needs: 'admin', isForAll: true },
  { name: 'audit', label: 'Audit', needs: 'admin', isForAll: true },
]
/** Kept for this tab alone. */
const UTC_KEY = 'utc'
const EVERY_MS = 5_000

/** Everything that is seen after signing in. */
export function App({ token, facts, onSignOut }: AppProps): VNode {
  const address = useAddress()
  const [isUtc, setUtc] = useState(sessionStorage.getItem(UTC_KEY) !== null)
  const api = useMemo(
    () => new Api(token, () => onSignOut('The gateway does not take this token any more.')),
    [token],
  )
  const self = useLoaded((signal) => api.ask<TokenSelf>('/tokens/self', { signal }), EVERY_MS, [api])
  const main = useRef<HTMLElement>(null)
  const place = address.parts.join('/')
  const isFirst = useRef(true)
  // Whoever uses a keyboard or hears the page goes on where the new content begins.
  useEffect(() => {
    document.title = [...address.parts.slice(0, 3).toReversed(), 'WhatsApp sessions'].join(' · ')
    if (!isFirst.current) main.current?.focus()
    isFirst.current = false
  }, [place])
  if (self.data === null)
    return html`<main class="sign-in"><${ProblemNotice} problem=${self.problem} />
      <p role="status">${self.problem === null && 'Loading …'}</p></main>`
  const { name: tokenName, role, sessions } = self.data
  const may = (needed: Role) => facts.roles.indexOf(role) >= facts.roles.indexOf(needed)
  const shown = NAVIGATION.filter(({ needs, isForAll }) => may(needs) && !(isForAll && sessions !== null))
  const toggleUtc = () => {
    if (isUtc) sessionStorage.removeItem(UTC_KEY)
    else sessionStorage.setItem(UTC_KEY, 'yes')
    setUtc(!isUtc)
  }
  return html`
    <${AppContext.Provider} value=${{ api, facts, self: self.data, may, isUtc }}>
      <a class="skip" href="#content" onClick=${(event: Event) => {
        event.preventDefault()
        main.current?.focus()
      }}>Skip to the content</a>
      <header>
        <nav aria-label="Main">
          ${shown.map(
            ({ name, label }) =>
              html`<a href=${`#/${name}`} aria-current=${(address.parts[0] ?? 'sessions') === name ? 'page' : null}>${label}</a>`,
          )}
        </nav>
        ${facts.hasSimulatedPhones && html`<span class="badge attention">Sandbox<span class="wide">: simulated phones</span></span>`}
        <span class="row end">
          <span class="soft who" title=${sessions === null ? 'For all sessions' : `For ${sessions.join(', ')}`}>${tokenName}, ${role}</span>
          <a class="button small" href="docs">API</a>
          <button type="button" class="small" aria-pressed=${isUtc} title="Show times in UTC" onClick=${toggleUtc}>UTC</button>
          <button type="button" class="small" onClick=${() => onSignOut(null)}>Sign out</button>
        </span>
      </header>
      <main id="content" tabindex="-1" ref=${main}><${Page} key=${pageKey(address)} address=${address} /></main>
    <//>`
}

/** Another session is another page, whose data is not shown under the new name for a moment. */
function pageKey({ parts }: Address): string {
  return parts.slice(0, parts[0] === 'sessions' ? 2 : 1).join('/')
}

function Page({ address }: { address: Address }): VNode {
  const [page = 'sessions', id] = address.parts
  if (page === 'sessions') {
    if (id === undefined) return html`<${Sessions} address=${address} />`
    return html`<${Session} sessionId=${id} address=${address} />`
  }
  if (page === 'events') return html`<${Events} address=${address} />`
  if (page === 'webhooks') return html`<h1>Webhooks</h1><${Webhooks} address=${address} />`
  if (page === 'fleet') return html`<${Fleet} />`
  if (page === 'tokens') return html`<${Tokens} />`
  if (page === 'audit') return html`<${Audit} address=${address} />`
  if (page === 'new') return html`<${NewSession} />`
  return html`<h1>There is nothing at this address</h1><p><a href="#/sessions">To the sessions</a></p>`
}
