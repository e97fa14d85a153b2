import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import { ProblemNotice } from '../../../gateway/src/dashboard/page/components/problem-notice.ts'
import { Fields } from '../../../gateway/src/dashboard/page/forms/fields.ts'
import { collectValues, FormFault } from '../../../gateway/src/dashboard/page/forms/form-values.ts'
import { useForm } from '../../../gateway/src/dashboard/page/forms/use-form.ts'
import { useAction } from '../../../gateway/src/dashboard/page/hooks/use-action.ts'
import { html } from '../../../gateway/src/dashboard/page/html.ts'
import { isGroup } from './chats.ts'
import { controlClient, type PhoneKinds } from './control-client.ts'

interface ComposerProps {
  phone: string
  chat: string
  /** Who writes: this phone, or somebody else in the chat. */
  by: string
  kinds: PhoneKinds
  onSent: () => void
}

/** Writes a message of any kind into a chat. */
export function Composer({ phone, chat, by, kinds, onSent }: ComposerProps): VNode {
  const [kind, setKind] = useState('text')
  const [text, setText] = useState('')
  const [file, setFile] = useState<File | null>(null)
  const { values, onChange, reset } = useForm()
  const { run, isRunning, problem } = useAction()
  const content = async (): Promise<object> => {
    if (kind === 'text') return { body: text }
    if (kind !== 'file') return { [kind]: collectValues(kinds[kind] ?? [], values) }
    if (file === null) throw new FormFault('Choose a file.')
    return { media: await mediaOf(file), ...(text !== '' && { body: text }) }
  }
  const submit = (event: Event) => {
    event.preventDefault()
    void run(async () => {
      const said = await content()
      if (by === phone) await controlClient.act('/outbound', { account: phone, to: chat, ...said })
      else
        await controlClient.act('/inbound', {
          ...(isGroup(chat) ? { group: chat } : { account: phone }),
          from: by,
          ...said,
        })
      setText('')
      reset({})
      onSent()
    })
  }
  return html`
    <form id="write" class="stack" onSubmit=${submit}>
      ${
        kind === 'file' &&
        html`<div class="field"><label for="file">File</label>
          <input type="file" id="file" required onChange=${(event: Event) => setFile((event.target as HTMLInputElement).files?.[0] ?? null)} /></div>`
      }
      ${kind in kinds && html`<${Fields} id=${kind} fields=${kinds[kind]} values=${values} onChange=${onChange} />`}
      <div class="row composer">
        <label for="kind" class="visually-hidden">Kind</label>
        <select id="kind" value=${kind} onChange=${(event: Event) => setKind((event.target as HTMLSelectElement).value)}>
          ${['text', 'file', ...Object.keys(kinds)].map((one) => html`<option value=${one}>${one}</option>`)}
        </select>
        ${
          !(kind in kinds) &&
          html`<label for="body" class="visually-hidden">${kind === 'text' ? 'Message' : 'Caption'}</label>
            <input id="body" autocomplete="off" required=${kind === 'text'} maxlength="65536" placeholder=${kind === 'text' ? 'Message' : 'Caption (optional)'}
              value=${text} onInput=${(event: InputEvent) => setText((event.target as HTMLInputElement).value)} />`
        }
        <button type="submit" class="primary" disabled=${isRunning}>Send</button>
      </div>
      <${ProblemNotice} problem=${problem} />
    </form>`
}

async function mediaOf(file: File): Promise<object> {
  const reader = new FileReader()
  const read = new Promise((resolve) => reader.addEventListener('load', resolve))
  reader.readAsDataURL(file)
  await read
  const data = String(reader.result).replace(/^[^,]*,/, '')
  return { mimetype: file.type === '' ? 'application/octet-stream' : file.type, data, filename: file.name }
}
