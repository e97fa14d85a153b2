import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import { ProblemNotice } from '../../../gateway/src/dashboard/page/components/problem-notice.ts'
import { useAction } from '../../../gateway/src/dashboard/page/hooks/use-action.ts'
import { html } from '../../../gateway/src/dashboard/page/html.ts'
import { controlClient, type PhoneAccount } from './control-client.ts'
import { readQrImage } from './read-qr-image.ts'

interface DevicesProps {
  phone: string
  account: PhoneAccount | undefined
  onChange: () => void
}

/** The linked devices of a phone, each of which is a session, and the way to link one more. */
export function Devices({ phone, account, onChange }: DevicesProps): VNode {
  const [code, setCode] = useState('')
  const [isOver, setOver] = useState(false)
  const { run, isRunning, problem } = useAction()
  const link = (what: () => Promise<object>) =>
    void run(async () => {
      await controlClient.act('/scan', { phone, ...(await what()) })
      setCode('')
      onChange()
    })
  const linkPicture = (files: FileList | null | undefined): boolean => {
    const picture = [...(files ?? [])].find(({ type }) => type.startsWith('image/'))
    if (picture !== undefined) link(async () => ({ qr: await readQrImage(picture) }))
    return picture !== undefined
  }
  const logOut = (login: string) => () =>
    void run(async () => {
      await controlClient.act('/logout', { account: phone, login })
      onChange()
    })
  const logins = account?.logins ?? []
  return html`
    <section aria-labelledby="devices-title">
      <h2 id="devices-title">Linked devices</h2>
      <ul class="chats" id="devices">
        ${logins.length === 0 && html`<li class="soft">No device is linked yet.</li>`}
        ${logins.map(
          ({ id, pairedAt, connected }) => html`
            <li key=${id} class="row"><span class=${`badge ${connected ? 'good' : ''}`}>${connected ? 'connected' : 'offline'}</span>
              <span>linked ${new Date(pairedAt).toLocaleString()}</span>
              <button type="button" class="small end" disabled=${isRunning} onClick=${logOut(id)}>Log out</button></li>`,
        )}
      </ul>
      <form class=${`stack ${isOver ? 'dropping' : ''}`}
        onSubmit=${(event: Event) => {
          event.preventDefault()
          link(() => scanned(code.trim()))
        }}
        onDragOver=${(event: DragEvent) => {
          event.preventDefault()
          setOver(true)
        }}
        onDragLeave=${() => setOver(false)}
        onDrop=${(event: DragEvent) => {
          event.preventDefault()
          setOver(false)
          linkPicture(event.dataTransfer?.files)
        }}>
        <label for="qr">The text of a QR code, its <code>data:</code> address, or a pairing code</label>
        <textarea id="qr" rows="2" required spellcheck="false" placeholder="Paste here, or drop a picture of the QR code" value=${code}
          onInput=${(event: InputEvent) => setCode((event.target as HTMLTextAreaElement).value)}
          onPaste=${(event: ClipboardEvent) => {
            if (linkPicture(event.clipboardData?.files)) event.preventDefault()
          }}></textarea>
        <div class="row">
          <button type="submit" disabled=${isRunning}>Link device</button>
          <label class="button" for="qr-file">Choose a picture</label>
          <input id="qr-file" class="visually-hidden" type="file" accept="image/*" onChange=${(event: Event) => linkPicture((event.target as HTMLInputElement).files)} />
        </div>
      </form>
      <${ProblemNotice} problem=${problem} />
    </section>`
}

/** A raw QR text has commas, a pairing code has not, and a data address holds a picture. */
async function scanned(text: string): Promise<object> {
  if (text.startsWith('data:')) return { qr: await readQrImage(await (await fetch(text)).blob()) }
  return text.includes(',') ? { qr: text } : { code: text }
}
