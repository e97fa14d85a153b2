import type { VNode } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { writeAddress } from '../../../gateway/src/dashboard/page/address.ts'
import { ProblemNotice } from '../../../gateway/src/dashboard/page/components/problem-notice.ts'
import { useAction } from '../../../gateway/src/dashboard/page/hooks/use-action.ts'
import { useAddress } from '../../../gateway/src/dashboard/page/hooks/use-address.ts'
import { useLoaded } from '../../../gateway/src/dashboard/page/hooks/use-loaded.ts'
import { html } from '../../../gateway/src/dashboard/page/html.ts'
import { Chat } from './chat.ts'
import { ChatList } from './chat-list.ts'
import { chatsOf } from './chats.ts'
import { controlClient, type PhoneAccount, type PhoneKinds } from './control-client.ts'
import { Devices } from './devices.ts'

const digitsOf = (text: string) => text.replaceAll(/\D/g, '')

/** The page that is a phone: of which number, and which of its chats is open, is in the address. */
export function PhonePage({ kinds }: { kinds: PhoneKinds }): VNode {
  const [phone, chat] = useAddress().parts
  const loaded = useLoaded(
    async () => {
      const [accounts, messages, groups] = await Promise.all([
        controlClient.accounts(),
        controlClient.messages(),
        controlClient.groups(),
      ])
      return { accounts, messages, groups }
    },
    null,
    [],
  )
  const { reload } = loaded
  useEffect(() => {
    const changes = new EventSource('/events')
    changes.addEventListener('message', reload)
    return () => changes.close()
  }, [])
  const { accounts = [], messages = [], groups = [] } = loaded.data ?? {}
  const account = accounts.find((one) => one.account === phone)
  const chats = phone === undefined ? new Map() : chatsOf(phone, groups, messages)
  return html`
    <header>
      <h1>Simulated phone</h1>
      <span class="badge attention">Sandbox: nothing reaches WhatsApp</span>
      <${ChoosePhone} phone=${phone ?? ''} accounts=${accounts} onChange=${reload} />
    </header>
    <main id="content">
      <${ProblemNotice} problem=${loaded.problem} />
      ${
        phone === undefined
          ? html`<${Welcome} accounts=${accounts} />`
          : html`
          <div class="phone">
            <div>
              <${ChatList} phone=${phone} open=${chat} chats=${chats} groups=${groups} />
              <${Devices} phone=${phone} account=${account} onChange=${reload} />
            </div>
            <${Chat} key=${`${phone} ${chat}`} phone=${phone} chat=${chat} messages=${chats.get(chat ?? '') ?? []} kinds=${kinds}
              group=${groups.find(({ id }) => id === chat)} isArchived=${account?.archived.includes(`${chat}@c.us`) === true} onChange=${reload} />
          </div>`
      }
    </main>`
}

function Welcome({ accounts }: { accounts: PhoneAccount[] }): VNode {
  return html`
    <section class="narrow" aria-labelledby="welcome">
      <h2 id="welcome">Choose a number: this page is then its phone</h2>
      <p>The number of a session scans its QR code and sees what it sends. Any other number writes to it, reacts, calls.</p>
      ${accounts.length > 0 && html`<ul>${accounts.map(({ account, pushName }) => html`<li><a href=${writeAddress([account])}>+${account}</a> ${pushName}</li>`)}</ul>`}
    </section>`
}

interface ChoosePhoneProps {
  phone: string
  accounts: PhoneAccount[]
  onChange: () => void
}

function ChoosePhone({ phone, accounts, onChange }: ChoosePhoneProps): VNode {
  const [number, setNumber] = useState(phone)
  useEffect(() => setNumber(phone), [phone])
  const { run, isRunning, problem } = useAction()
  const submit = (event: Event) => {
    event.preventDefault()
    const chosen = digitsOf(number)
    void run(async () => {
      await controlClient.act('/phones', { phone: chosen })
      location.hash = writeAddress([chosen])
      onChange()
    })
  }
  return html`
    <form class="row end" onSubmit=${submit}>
      <label for="phone">Number</label>
      <input id="phone" list="phones" inputmode="numeric" autocomplete="off" required pattern="\\+?[0-9 ]{6,20}" size="16"
        placeholder="491701234567" title="Digits, country code first" value=${number}
        onInput=${(event: InputEvent) => setNumber((event.target as HTMLInputElement).value)} />
      <datalist id="phones">${accounts.map(({ account, pushName }) => html`<option value=${account} label=${pushName} />`)}</datalist>
      <button type="submit" class="primary" disabled=${isRunning}>Use this phone</button>
      <${ProblemNotice} problem=${problem} />
    </form>`
}
