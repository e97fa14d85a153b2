import { render } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { Facts } from '../facts.ts'
import { Api, TOKEN_KEY } from './api/api.ts'
import { App } from './app.ts'
import { html } from './html.ts'
import { SignIn } from './pages/sign-in.ts'

function Main({ facts }: { facts: Facts }) {
  const [token, setToken] = useState(sessionStorage.getItem(TOKEN_KEY))
  const [notice, setNotice] = useState<string | null>(null)
  useEffect(() => {
    if (token === null) sessionStorage.removeItem(TOKEN_KEY)
    else sessionStorage.setItem(TOKEN_KEY, token)
  }, [token])
  const signOut = (why: string | null) => {
    setNotice(why)
    setToken(null)
  }
  if (token === null)
    return html`<${SignIn} notice=${notice} onSignIn=${(given: string) => setToken(given)} />`
  return html`<${App} key=${token} token=${token} facts=${facts} onSignOut=${signOut} />`
}

const response = await fetch(`${Api.base}/dashboard/facts.json`)
const facts = (await response.json()) as Facts
render(html`<${Main} facts=${facts} />`, document.getElementById('app') as HTMLElement)
