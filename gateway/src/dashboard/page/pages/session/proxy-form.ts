import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import type { StatusAnswer } from '../../../../routes/sessions/status.ts'
import { ConfirmButton } from '../../components/confirm-button.ts'
import { ProblemNotice } from '../../components/problem-notice.ts'
import { useApp } from '../../context.ts'
import { useForm } from '../../forms/use-form.ts'
import { useAction } from '../../hooks/use-action.ts'
import { html } from '../../html.ts'

/** What a session goes through to WhatsApp. Its password is written here, and never shown again. */
export function ProxyForm({ status, onChange }: { status: StatusAnswer; onChange: () => void }): VNode {
  const { api } = useApp()
  const { sessionId: session, proxy } = status
  const { values, onChange: change, reset } = useForm()
  const [isSaved, setSaved] = useState(false)
  const { run, isRunning, problem } = useAction()
  const put = (to: string | null) =>
    void run(async () => {
      setSaved(false)
      await api.ask('/session', { method: 'PUT', session, body: { proxy: to } })
      reset({})
      setSaved(true)
      onChange()
    })
  const submit = (event: Event) => {
    event.preventDefault()
    const { address = '', user = '', password = '' } = values as Record<string, string>
    put(withLogin(address.trim(), user, password))
  }
  const input = (name: string, label: string, more: object) => html`
    <div class="field"><label for=${`proxy-${name}`}>${label}</label>
      <input id=${`proxy-${name}`} autocomplete="off" spellcheck="false" value=${values[name] ?? ''} ...${more}
        onInput=${(event: InputEvent) => change(name, (event.target as HTMLInputElement).value)} /></div>`
  return html`
    <section aria-labelledby="proxy">
      <h2 id="proxy">Proxy</h2>
      <p>${proxy === undefined ? 'This session goes to WhatsApp by the network of its worker.' : html`This session goes through <code>${proxy}</code>.`}
        ${' '}Its browser is replaced where that changes; the login is kept, and messages wait meanwhile.</p>
      <form class="stack two" onSubmit=${submit}>
        ${input('address', 'Address', { required: true, placeholder: 'http://proxy.example:8080' })}
        ${input('user', 'User name (optional)', {})}
        ${input('password', 'Password (optional)', { type: 'password', autocomplete: 'new-password' })}
        <p class="hint whole">An <code>http://</code>, <code>https://</code> or <code>socks5://</code> address with its port; a socks5 one without user name and password.</p>
        <div class="row">
          <button type="submit" class="primary" disabled=${isRunning}>Set for this session</button>
          ${proxy !== undefined && html`<${ConfirmButton} label="Remove" question="Go to WhatsApp without this proxy?" isDisabled=${isRunning} onConfirm=${() => put(null)} />`}
        </div>
      </form>
      <p role="status">${isRunning && 'Under way …'}${isSaved && 'Saved.'}</p>
      <${ProblemNotice} problem=${problem} />
    </section>`
}

/** The address with the user name and password in it; as it is where it has some, or is none. */
export function withLogin(address: string, user: string, password: string): string {
  const login = [user, ...(password === '' ? [] : [password])].map(encodeURIComponent).join(':')
  return login === '' ? address : address.replace(/^([a-z0-9+.-]+:\/\/)(?!.*@)/i, `$1${login}@`)
}
