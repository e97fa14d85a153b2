import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import { writeAddress } from '../address.ts'
import { ProblemNotice } from '../components/problem-notice.ts'
import { useApp } from '../context.ts'
import { useAction } from '../hooks/use-action.ts'
import { html } from '../html.ts'

/** Makes a session; its own page then shows the code to scan. */
export function NewSession(): VNode {
  const { api } = useApp()
  const [name, setName] = useState('')
  const { run, isRunning, problem } = useAction()
  const submit = (event: Event) => {
    event.preventDefault()
    void run(async () => {
      await api.ask('/qr', { session: name, query: { wait: 0 } })
      location.hash = writeAddress(['sessions', name])
    })
  }
  return html`
    <h1>New session</h1>
    <section class="narrow" aria-label="New session">
    <p>A session is one WhatsApp number. Your programs name it in the header <code>X-Session-Id</code>.</p>
    <form onSubmit=${submit} class="stack narrow">
      <label for="name">Name of the session</label>
      <input id="name" required maxlength="50" pattern="[A-Za-z0-9_\\-]+" autocomplete="off" spellcheck="false" aria-describedby="name-rule"
        value=${name} onInput=${(event: InputEvent) => setName((event.target as HTMLInputElement).value)} />
      <span id="name-rule" class="soft">Letters, digits, <code>-</code> and <code>_</code>; at most 50.</span>
      <button type="submit" class="primary" disabled=${isRunning}>Create and show the QR code</button>
    </form>
    <${ProblemNotice} problem=${problem} />
    </section>`
}
