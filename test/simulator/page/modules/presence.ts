import { passFaults } from '../faults.ts'
import { Model } from '../model.ts'
import { wireLink } from '../wire-link.ts'
import type { WAWebWid } from './wa-web-wid.ts'

/** WAWebChatStateBridge, WAWebPresenceChatAction and WAWebStreamModel: typing, and being there. */
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

export const WAWebPresenceChatAction = {
  sendPresenceAvailable: passFaults,
  sendPresenceUnavailable: passFaults,
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

export const WAWebStreamModel = { Stream: new StreamModel({ available: false }) }
