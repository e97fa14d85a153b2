import { passFaults } from '../faults.ts'
import { Model } from '../model.ts'
import { presenceCollection } from '../presence-collection.ts'
import { wireLink } from '../wire-link.ts'
import type { WAWebWid } from './wa-web-wid.ts'

/** WAWebChatStateBridge, WAWebPresenceChatAction, WAWebPresenceCollection and WAWebStreamModel: typing, and being there. */
type State = 'composing' | 'recording' | 'paused'

const tell = async (chatId: WAWebWid, state: State) => {
  await passFaults()
  wireLink.send({ t: 'chatstate', chatId: chatId.toString(), state })
}

export const WAWebChatStateBridge = {
  sendChatStateComposing: (chatId: WAWebWid) => tell(chatId, 'composing'),
  sendChatStateRecording: (chatId: WAWebWid) => tell(chatId, 'recording'),
  sendChatStatePaused: (chatId: WAWebWid) => tell(chatId, 'paused'),
}

const show = async (available: boolean) => {
  await passFaults()
  wireLink.send({ t: 'presence', available })
}

export const WAWebPresenceChatAction = {
  sendPresenceAvailable: () => show(true),
  sendPresenceUnavailable: () => show(false),
}

/** Whether the account shows itself online. */
class StreamModel extends Model<{ available: boolean }> {
  declare available: boolean

  markAvailable(): void {
    this.set({ available: true })
  }
  markUnavailable(): void {
    this.set({ available: false })
  }
}

const Stream = new StreamModel({ available: false })
Stream.on('change:available', () => {
  void show(Stream.available)
  if (!Stream.available) presenceCollection.clearAllPresence()
})

export const WAWebStreamModel = { Stream }

export const WAWebPresenceCollection = { PresenceCollection: presenceCollection }
