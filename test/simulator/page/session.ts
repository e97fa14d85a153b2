import type { FrameFromServer } from '../wire.ts'
import { blocklist } from './blocklist.ts'
import { build } from './build.ts'
import { channels } from './channel-collection.ts'
import { applyFaults } from './faults.ts'
import { fillHistory } from './fill-history.ts'
import { takeChatChange, takeGroup, takeMessage, takeReceipt } from './inbox.ts'
import { labels } from './label-collection.ts'
import { loginStore } from './login-store.ts'
import { messageStorage } from './message-storage.ts'
import { nameContacts } from './modules/address-book.ts'
import { WAWebCallCollection } from './modules/wa-web-call-collection.ts'
import { WAWebCmd } from './modules/wa-web-cmd.ts'
import { WAWebCollections } from './modules/wa-web-collections.ts'
import { WAWebConnModel } from './modules/wa-web-conn-model.ts'
import { WAWebSocketModel } from './modules/wa-web-socket-model.ts'
import { rememberMe, WAWebUserPrefsMeUser } from './modules/wa-web-user-prefs-me-user.ts'
import { numberBook } from './number-book.ts'
import { offlineDelivery } from './offline-delivery.ts'
import { outbox } from './outbox.ts'
import { pageSettings } from './page-settings.ts'
import { presenceCollection } from './presence-collection.ts'
import { wireLink } from './wire-link.ts'

type Frame<T extends FrameFromServer['t']> = Extract<FrameFromServer, { t: T }>

const { Socket } = WAWebSocketModel
const { Conn } = WAWebConnModel
const { Cmd } = WAWebCmd

const LISTENER_EVERY_MS = 20

let loaded: Promise<void> | undefined

/** The page's life: codes until it is paired, then sync, then connected; and the ways in which that ends. */
export function startSession(): void {
  Socket.reconnect = () => wireLink.reopen()
  Socket.takeover = () => wireLink.open()
  Socket.logout = async () => {
    await wireLink.query('login.end', {})
    await forgetEverything()
    // After the caller has its answer, as it runs in the document that is about to go.
    setTimeout(leave)
  }

  wireLink.on('open', () => {
    offlineDelivery.reset()
    wireLink.send({ t: 'hello', login: loginStore.current, version: build.version })
  })
  wireLink.on('close', () => {
    outbox.disconnected()
    offlineDelivery.reset()
    if (Socket.state === 'CONNECTED') Socket.set({ state: 'OPENING', stream: 'DISCONNECTED' })
  })
  wireLink.on('settings', ({ settings }: Frame<'settings'>) => {
    pageSettings.current = settings
    applyFaults(settings)
  })
  wireLink.on('qr', ({ ref }: Frame<'qr'>) => {
    Conn.set({ ref })
    Socket.set({ state: 'UNPAIRED' })
  })
  wireLink.on('qr.idle', () => Socket.set({ state: 'UNPAIRED_IDLE' }))
  wireLink.on('paired', ({ login }: Frame<'paired'>) => {
    Socket.set({ state: 'PAIRING' })
    const reopen = () => wireLink.reopen()
    loginStore.set(login).catch(reportError).finally(reopen)
  })
  wireLink.on('resumed', (frame: Frame<'resumed'>) => void resume(frame).catch(reportError))
  wireLink.on('call', ({ call }: Frame<'call'>) => WAWebCallCollection.take(call))
  wireLink.on('call.changed', ({ id, what }: Frame<'call.changed'>) => WAWebCallCollection.change(id, what))
  wireLink.on('presence.of', ({ who, type }: Frame<'presence.of'>) => {
    numberBook.learn(who)
    for (const wid of [numberBook.chatWid(who), numberBook.lidOf(numberBook.chatWid(who))])
      if (wid) presenceCollection.take(wid, type)
  })
  wireLink.on('chat.changed', takeChatChange)
  wireLink.on('channel', ({ channel }: Frame<'channel'>) => void channels.take(channel))
  wireLink.on('labels', (frame: Frame<'labels'>) => labels.fill(frame.labels))
  wireLink.on('group', takeGroup)
  wireLink.on('message', takeMessage)
  wireLink.on('ack', (answer: Frame<'ack'>) => outbox.take(answer))
  wireLink.on('message.receipt', takeReceipt)
  wireLink.on('offline', ({ percent }: Frame<'offline'>) => offlineDelivery.progress(percent))
  wireLink.on('login.ended', () => void loseLogin().catch(reportError))
  wireLink.on('conflict', () => {
    wireLink.stop()
    outbox.disconnected()
    Socket.set({ state: 'CONFLICT', stream: 'DISCONNECTED' })
  })
  loginStore
    .load()
    .then(() => wireLink.open())
    .catch(reportError)
}

async function resume({ me }: Frame<'resumed'>): Promise<void> {
  rememberMe(me)
  blocklist.fill(me.blocked)
  const platform = pageSettings.current.account.business ? 'smba' : 'android'
  nameContacts(me.addressBook)
  const wid = WAWebUserPrefsMeUser.getMaybeMePnUser()
  Conn.set({ pushname: me.pushName, connected: true, platform, wid })
  loaded ??= loadStored()
  await loaded
  Socket.set({ state: 'CONNECTED', stream: Socket.hasSynced ? 'CONNECTED' : 'SYNCING' })
  wireLink.send({ t: 'active' })
  outbox.connected()
  if (!Socket.hasSynced) setTimeout(sync, pageSettings.current.syncDelayMs)
}

/** Once a page: what was stored when the last one ended. */
async function loadStored(): Promise<void> {
  await messageStorage.open()
  await numberBook.load()
  await WAWebCollections.Chat.load()
  const { history } = pageSettings.current.account
  if (history) await fillHistory(history)
}

/** The history is there. A dropped socket takes that back no more. */
function sync(): void {
  if (pageSettings.current.syncWaits && !Socket.hasListener('change:hasSynced')) {
    setTimeout(sync, LISTENER_EVERY_MS)
    return
  }
  Socket.set({ hasSynced: true, ...(Socket.state === 'CONNECTED' && { stream: 'CONNECTED' as const }) })
}

/** The phone ended this login. A page that was connected hears it as a logout; both ways end at the QR. */
async function loseLogin(): Promise<void> {
  const atOnce = !loaded && pageSettings.current.staleLogin === 'in-place'
  wireLink.stop()
  if (atOnce) {
    await forgetEverything()
    return wireLink.open()
  }
  Cmd.trigger('logout')
  await forgetEverything()
  leave()
}

async function forgetEverything(): Promise<void> {
  await loginStore.clear()
  await messageStorage.destroy()
}

function leave(): void {
  wireLink.stop()
  location.replace('/?post_logout=1&logout_reason=0')
}
