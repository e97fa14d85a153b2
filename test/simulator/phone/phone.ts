import { chatsOf, messageItem, shownText } from './chat-view.ts'
import { controlClient, type PhoneAccount } from './control-client.ts'
import { readQrImage } from './read-qr-image.ts'

function element<T extends HTMLElement>(id: string): T {
  const found = document.getElementById(id)
  if (!found) throw new Error(`no element ${id}`)
  return found as T
}

const notice = element('notice')
const phoneInput = element<HTMLInputElement>('phone')
const qrInput = element<HTMLTextAreaElement>('qr')
const bodyInput = element<HTMLInputElement>('body')

let phone = ''
let peer = ''

function say(text: string, kind: 'good' | 'bad' = 'good'): void {
  notice.textContent = text
  notice.dataset.kind = kind
}

/** Runs what a person asked for, and says what went wrong in the server's words. */
async function attempt(run: () => Promise<unknown>, done?: string): Promise<void> {
  try {
    await run()
    if (done !== undefined) say(done)
    await refresh()
  } catch (error) {
    say(error instanceof Error ? error.message : String(error), 'bad')
  }
}

const onSubmit = (id: string, run: () => void) =>
  element(id).addEventListener('submit', (event) => {
    event.preventDefault()
    run()
  })

async function refresh(): Promise<void> {
  const accounts = await controlClient.accounts()
  element('phones').replaceChildren(
    ...accounts.map(({ account, pushName }) => {
      const option = document.createElement('option')
      option.value = account
      option.label = pushName
      return option
    }),
  )
  if (phone === '') return
  showDevices(accounts.find(({ account }) => account === phone))
  await showChats()
}

function showDevices(account: PhoneAccount | undefined): void {
  const items = (account?.logins ?? []).map((login) => {
    const item = document.createElement('li')
    const text = document.createElement('span')
    text.textContent = `Linked ${new Date(login.pairedAt).toLocaleString()}, ${login.connected ? 'connected' : 'offline'}`
    const button = document.createElement('button')
    button.type = 'button'
    button.textContent = 'Log out'
    button.addEventListener(
      'click',
      () => void attempt(() => controlClient.logOut(phone, login.id), 'Logged out'),
    )
    item.append(text, button)
    return item
  })
  element('devices').replaceChildren(...(items.length > 0 ? items : [emptyItem('No device is linked yet.')]))
}

function emptyItem(text: string): HTMLLIElement {
  const item = document.createElement('li')
  item.className = 'empty'
  item.textContent = text
  return item
}

async function showChats(): Promise<void> {
  const messages = await controlClient.messages(phone)
  const items = chatsOf(phone, messages).map(({ peer: other, last }) => {
    const item = document.createElement('li')
    const button = document.createElement('button')
    button.type = 'button'
    button.ariaCurrent = String(other === peer)
    const preview = document.createElement('small')
    preview.textContent = shownText(last)
    button.append(`+${other}`, preview)
    button.addEventListener('click', () => openChat(other))
    item.append(button)
    return item
  })
  element('chats').replaceChildren(...(items.length > 0 ? items : [emptyItem('No chats yet.')]))
  if (peer === '') return
  const list = element('messages')
  const shown = messages.filter(({ from, to }) => (from === phone ? to : from) === peer)
  list.replaceChildren(...shown.map((message) => messageItem(phone, message)))
  list.scrollTop = list.scrollHeight
}

function openChat(number: string): void {
  peer = number
  element('chat-title').textContent = `Chat with +${number}`
  element('write').hidden = false
  bodyInput.focus()
  void attempt(() => controlClient.read(phone, number))
}

/** A raw QR string has commas, a pairing code has not, and a data address holds a picture. */
async function link(text: string): Promise<void> {
  const pasted = text.trim()
  if (pasted.startsWith('data:')) return linkPicture(await (await fetch(pasted)).blob())
  await controlClient.scan(phone, pasted.includes(',') ? { qr: pasted } : { code: pasted })
  qrInput.value = ''
}

async function linkPicture(picture: Blob): Promise<void> {
  await controlClient.scan(phone, { qr: await readQrImage(picture) })
  qrInput.value = ''
}

const onPicture = (files: FileList | undefined | null): boolean => {
  const picture = [...(files ?? [])].find(({ type }) => type.startsWith('image/'))
  if (picture) void attempt(() => linkPicture(picture), 'Device linked')
  return picture !== undefined
}

onSubmit('choose', () => {
  phone = phoneInput.value.replaceAll(/\D/g, '')
  peer = ''
  element('phone-main').hidden = false
  element('write').hidden = true
  element('chat-title').textContent = 'No chat open'
  element('messages').replaceChildren()
  const pushName = element<HTMLInputElement>('push-name').value.trim()
  void attempt(() => controlClient.open(phone, pushName), `This is the phone of +${phone}`)
})
onSubmit('link', () => void attempt(() => link(qrInput.value), 'Device linked'))
onSubmit('new-chat', () => openChat(element<HTMLInputElement>('peer').value.replaceAll(/\D/g, '')))
onSubmit('write', () => {
  const body = bodyInput.value
  bodyInput.value = ''
  void attempt(() => controlClient.send(phone, peer, body))
})

const linkForm = element('link')
element<HTMLInputElement>('qr-file').addEventListener('change', (event) => {
  const input = event.target as HTMLInputElement
  onPicture(input.files)
  input.value = ''
})
qrInput.addEventListener('paste', (event) => {
  if (onPicture(event.clipboardData?.files)) event.preventDefault()
})
linkForm.addEventListener('dragover', (event) => {
  event.preventDefault()
  linkForm.classList.add('dropping')
})
linkForm.addEventListener('dragleave', () => linkForm.classList.remove('dropping'))
linkForm.addEventListener('drop', (event) => {
  event.preventDefault()
  linkForm.classList.remove('dropping')
  onPicture(event.dataTransfer?.files)
})

// Many changes in a row are one refresh.
let isDue = false
new EventSource('/events').addEventListener('message', ({ data }) => {
  const numbers = JSON.parse(data) as string[]
  if (isDue || (phone !== '' && !numbers.includes(phone))) return
  isDue = true
  setTimeout(() => {
    isDue = false
    void refresh()
  }, 150)
})
void refresh()
