import type { Role } from '@wsg/shared/roles.ts'
import type { VNode } from 'preact'
import type { StatusAnswer } from '../../../../routes/sessions/status.ts'
import { ConfirmButton } from '../../components/confirm-button.ts'
import { ProblemNotice } from '../../components/problem-notice.ts'
import { useApp } from '../../context.ts'
import { useAction } from '../../hooks/use-action.ts'
import { html } from '../../html.ts'

/** What can be done with a session now, and what each does. */
export function Controls({ status, onChange }: { status: StatusAnswer; onChange: () => void }): VNode | null {
  const { api, may } = useApp()
  const { sessionId: session } = status
  const { run, isRunning, problem } = useAction()
  const act = (method: 'GET' | 'POST' | 'DELETE', path: string) => () =>
    void run(async () => {
      await api.ask(path, { method, session, ...(method === 'GET' && { query: { wait: 0 } }) })
      onChange()
    })
  const can = new Set(possible(status).filter((control) => may(NEEDED[control])))
  const button = (label: string, onClick: () => void, kind = '') =>
    html`<button type="button" class=${kind} disabled=${isRunning} onClick=${onClick}>${label}</button>`
  if (can.size === 0) return null
  return html`
    <section aria-labelledby="controls">
      <h2 id="controls">What you can do</h2>
      <dl class="controls">
        ${
          can.has('pair') &&
          html`<dt>${button('Link a phone', act('GET', '/qr'), 'primary')}</dt>
            <dd>Opens a browser and shows a QR code to scan.</dd>`
        }
        ${
          can.has('start') &&
          html`<dt>${button('Start', act('POST', '/session/start'), can.has('pair') ? '' : 'primary')}</dt>
            <dd>Opens its browser again, with the saved login where there is one.</dd>`
        }
        ${
          can.has('restart') &&
          html`<dt>${button('Restart', act('POST', '/session/restart'))}</dt>
            <dd>Closes its browser and opens a new one. The login is kept; messages wait meanwhile.</dd>`
        }
        ${
          can.has('stop') &&
          html`<dt>${button('Stop', act('POST', '/session/stop'))}</dt>
            <dd>Closes its browser and gives the worker free. The login is kept; messages are refused until it is started.</dd>`
        }
        ${
          can.has('logout') &&
          html`<dt><${ConfirmButton} label="Log out" question=${`Log ${session} out of WhatsApp?`} isDisabled=${isRunning} onConfirm=${act('POST', '/session/logout')} /></dt>
            <dd>Unlinks it from the phone and throws its login away. Settings, webhooks and waiting messages stay; when it is started next it
              shows a QR code. Where WhatsApp cannot be reached the login is kept, for another attempt.</dd>`
        }
        ${
          can.has('delete') &&
          html`<dt><${ConfirmButton} label="Delete" question=${`Delete ${session} for good?`} isDisabled=${isRunning} onConfirm=${act('DELETE', '/session')} /></dt>
            <dd>Logs it out and forgets it with its settings and webhooks. What waits to be sent is canceled.</dd>`
        }
      </dl>
      <p role="status">${isRunning && 'Under way …'}</p>
      <${ProblemNotice} problem=${problem} />
    </section>`
}

type Control = 'pair' | 'start' | 'restart' | 'stop' | 'logout' | 'delete'

const NEEDED: Readonly<Record<Control, Role>> = {
  pair: 'operator',
  start: 'operator',
  restart: 'operator',
  stop: 'operator',
  logout: 'operator',
  delete: 'admin',
}

/** With these it holds no login. */
const WITHOUT_LOGIN: ReadonlySet<StatusAnswer['reason']> = new Set([
  'auth_failure',
  'logged_out',
  'passkey_required',
  'qr_expired',
  'unlinked',
])

/** By its state alone, whoever asks. */
export function possible({
  status,
  reason,
  phone,
}: Pick<StatusAnswer, 'status' | 'reason' | 'phone'>): Control[] {
  if (status === 'not_found') return ['pair']
  if (reason === 'deleting') return []
  if (reason === 'logging_out') return ['delete']
  const hasLogin = phone !== undefined && status !== 'waiting_qr' && !WITHOUT_LOGIN.has(reason)
  const isRunning = status !== 'failed' && status !== 'stopped'
  if (isRunning) return ['restart', 'stop', ...(hasLogin ? (['logout'] as const) : []), 'delete']
  return hasLogin ? ['start', 'logout', 'delete'] : ['pair', 'start', 'delete']
}
