import { passFaults } from '../faults.ts'
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

export const WAWebStreamModel = {
  Stream: { available: false, markAvailable(): void {}, markUnavailable(): void {} },
}
