import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import { Api } from '../api/api.ts'
import { ProblemNotice } from '../components/problem-notice.ts'
import { useAction } from '../hooks/use-action.ts'
import { html } from '../html.ts'

interface SignInProps {
  /** Why one has to sign in again, null at first. */
  notice: string | null
  onSignIn: (token: string) => void
}

export function SignIn({ notice, onSignIn }: SignInProps): VNode {
  const [token, setToken] = useState('')
  const { run, isRunning, problem } = useAction()
  const submit = (event: Event) => {
    event.preventDefault()
    const given = token.trim()
    void run(async () => {
      await new Api(given).ask('/tokens/self')
      onSignIn(given)
    })
  }
  return html`
    <main class="sign-in">
      <section aria-labelledby="sign-in">
      <h1 id="sign-in">WhatsApp sessions</h1>
      <p>Sign in with a token of this gateway: the terminal showed one at the start; in containers it is <code>API_TOKEN</code>.</p>
      ${notice !== null && html`<p class="notice bad" role="alert">${notice}</p>`}
      <form onSubmit=${submit}>
        <label for="token">Token</label>
        <input id="token" type="password" autocomplete="current-password" required spellcheck="false"
          value=${token} onInput=${(event: InputEvent) => setToken((event.target as HTMLInputElement).value)} />
        <button type="submit" class="primary" disabled=${isRunning}>Sign in</button>
      </form>
      <${ProblemNotice} problem=${problem} />
      <p class="soft">It stays in this tab, and goes when the tab is closed.</p>
      </section>
    </main>`
}
