import type { VNode } from 'preact'
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { Facts } from '../facts.ts'
import { type Address, readAddress } from './address.ts'
import { Api } from './api/api.ts'
import { AppContext } from './context.ts'
import { Fleet } from './pages/fleet.ts'
import { NewSession } from './pages/new-session.ts'
import { Session } from './pages/session.ts'
import { Sessions } from './pages/sessions.ts'
import { Webhooks } from './pages/webhooks.ts'
import { html } from './parts/html.ts'

interface AppProps {
  token: string
  facts: Facts
  /** @param why null where the person wanted it */
  onSignOut: (why: string | null) => void
}

const NAVIGATION = [
  { name: 'sessions', label: 'Sessions' },
  { name: 'webhooks', label: 'Webhooks' },
  { name: 'fleet', label: 'Fleet' },
]

/** Everything that is seen after signing in. */
export function App({ token, facts, onSignOut }: AppProps): VNode {
  const address = useAddress()
  const [isUtc, setUtc] = useState(false)
  const api = useMemo(
    () => new Api(token, () => onSignOut('The gateway does not take this token any more.')),
    [token],
  )
  const main = useRef<HTMLElement>(null)
  const place = address.parts.join('/')
  const isFirst = useRef(true)
  // Whoever uses a keyboard or hears the page goes on where the new content begins.
  useEffect(() => {
    document.title = [...address.parts.slice(0, 3).toReversed(), 'WhatsApp sessions'].join(' · ')
    if (!isFirst.current) main.current?.focus()
    isFirst.current = false
  }, [place])
  return html`
    <${AppContext.Provider} value=${{ api, facts, isUtc }}>
      <a class="skip" href="#content" onClick=${(event: Event) => {
        event.preventDefault()
        main.current?.focus()
      }}>Skip to the content</a>
      <header>
        <nav aria-label="Main">
          ${NAVIGATION.map(
            ({ name, label }) =>
              html`<a href=${`#/${name}`} aria-current=${(address.parts[0] ?? 'sessions') === name ? 'page' : null}>${label}</a>`,
          )}
        </nav>
        ${facts.hasSimulatedPhones && html`<span class="badge attention">Sandbox: simulated phones</span>`}
        <span class="row end">
          <button type="button" class="small" aria-pressed=${isUtc} onClick=${() => setUtc(!isUtc)}>UTC</button>
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
  if (page === 'webhooks') return html`<h1>Webhooks</h1><${Webhooks} address=${address} />`
  if (page === 'fleet') return html`<${Fleet} />`
  if (page === 'new') return html`<${NewSession} />`
  return html`<h1>There is nothing at this address</h1><p><a href="#/sessions">To the sessions</a></p>`
}

function useAddress(): Address {
  const [address, setAddress] = useState(() => readAddress(location.hash))
  useEffect(() => {
    const read = () => setAddress(readAddress(location.hash))
    addEventListener('hashchange', read)
    return () => removeEventListener('hashchange', read)
  }, [])
  return address
}
