import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import type { SendAnswer } from '../../../../messages/message-answer.ts'
import type { FormField } from '../../../form-fields.ts'
import { writeAddress } from '../../address.ts'
import { Api } from '../../api/api.ts'
import type { FeedEvent } from '../../api/follow-events.ts'
import { CopyButton } from '../../components/copy-button.ts'
import { ProblemNotice } from '../../components/problem-notice.ts'
import { StateBadge } from '../../components/state-badge.ts'
import { useApp } from '../../context.ts'
import { Fields } from '../../forms/fields.ts'
import { FormFault } from '../../forms/form-values.ts'
import { useForm } from '../../forms/use-form.ts'
import { useAction } from '../../hooks/use-action.ts'
import { useSend } from '../../hooks/use-send.ts'
import { html } from '../../html.ts'
import { fileOf, type SendForm, sendBody, sendLines } from './send-request.ts'

const LABELS = { text: 'Message', url: 'Address of a page', replyTo: 'Answers the message' }
const REPLY: FormField = {
  name: 'replyTo',
  input: 'text',
  isRequired: false,
  description: 'The id of the message that this one answers.',
}

interface SendProps {
  sessionId: string
  /** Of the session, the newest first: they tell what becomes of what was sent. */
  events: readonly FeedEvent[]
}

/** Sends a message of any kind and follows it, and shows the line of curl that does the same. */
export function Send({ sessionId: session, events }: SendProps): VNode {
  const { api, facts } = useApp()
  const [type, setType] = useState('text')
  const { values, onChange } = useForm()
  const [answer, setAnswer] = useState<SendAnswer | null>(null)
  const { run, isRunning, problem } = useAction()
  const fields = facts.messageKinds.find((kind) => kind.type === type)?.fields ?? []
  const send = useSend(session)
  const form: SendForm = { type, fields, plan: facts.sendPlan, values }
  const submit = (event: Event) => {
    event.preventDefault()
    setAnswer(null)
    void run(async () => {
      const file = fileOf(form)
      const upload = file === null ? undefined : await api.ask<{ id: string }>('/media', uploadOf(file))
      const body = sendBody(form, upload?.id)
      setAnswer(await send(body))
    })
  }
  const news = events.find(({ event, data }) => event === 'message.status' && data.id === answer?.id)
  const needed = fields.filter(({ isRequired, name }) => isRequired || name === 'caption')
  const further = fields.filter((field) => !needed.includes(field))
  return html`
    <section aria-labelledby="send">
      <h2 id="send">Send a message</h2>
      <form class="stack" onSubmit=${submit}>
        <div class="kind-and-to">
          <div class="field">
            <label for="kind">Kind</label>
            <select id="kind" value=${type} onChange=${(event: Event) => setType((event.target as HTMLSelectElement).value)}>
              ${facts.messageKinds.map((kind) => html`<option value=${kind.type}>${kind.type}</option>`)}
            </select>
          </div>
          <div class="field">
            <label for="to">To</label>
            <input id="to" required autocomplete="off" placeholder="Phone with country code, or a chat id" value=${values.to ?? ''}
              onInput=${(event: InputEvent) => onChange('to', (event.target as HTMLInputElement).value)} />
          </div>
        </div>
        <${Fields} id="send" fields=${needed} values=${values} labels=${LABELS} onChange=${onChange} />
        <details>
          <summary>More</summary>
          <${Fields} id="send" fields=${[...further, REPLY, ...facts.sendPlan]} values=${values} labels=${LABELS} onChange=${onChange} />
        </details>
        <div class="row"><button type="submit" class="primary" disabled=${isRunning}>Send</button></div>
      </form>
      <div role="status">
        ${isRunning && html`<p>On its way …</p>`}
        ${answer !== null && html`<p><${StateBadge} state=${news?.data.status ?? answer.status} /> <a href=${writeAddress(['sessions', session, 'messages', answer.id])}><code>${answer.id}</code></a></p>`}
      </div>
      <${ProblemNotice} problem=${problem} />
      <details open>
        <summary>The same with curl</summary>
        <${Lines} form=${form} session=${session} />
      </details>
    </section>`
}

function Lines({ form, session }: { form: SendForm; session: string }): VNode {
  let lines: string
  try {
    lines = sendLines(form, Api.base, session)
  } catch (error) {
    if (!(error instanceof FormFault)) throw error
    lines = error.message
  }
  return html`<pre tabindex="0" aria-label="curl line">${lines}</pre><${CopyButton} text=${lines} label="Copy the curl line" />`
}

function uploadOf(file: File) {
  const form = new FormData()
  form.set('file', file)
  return { method: 'POST' as const, body: form }
}
