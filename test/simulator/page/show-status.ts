import { build } from './build.ts'
import { WAWebSocketModel } from './modules/wa-web-socket-model.ts'
import { WAWebUserPrefsMeUser } from './modules/wa-web-user-prefs-me-user.ts'

const words: Record<string, string> = {
  OPENING: 'Connecting',
  UNPAIRED: 'Waiting for a phone to scan the QR code',
  UNPAIRED_IDLE: 'The QR code is out of date',
  PAIRING: 'Linking',
  CONNECTED: 'Connected',
  CONFLICT: 'WhatsApp is open in another window',
}

/** A line for whoever looks at a screenshot. */
export function showStatus(): void {
  const { Socket } = WAWebSocketModel
  const show = () => {
    const me = WAWebUserPrefsMeUser.getMaybeMePnUser()
    const account = me ? ` as +${me.user}` : ''
    const [status, detail] = [document.getElementById('status'), document.getElementById('detail')]
    if (status) status.textContent = `${words[Socket.state] ?? Socket.state}${account}`
    if (detail) detail.textContent = `Build ${build.version}, ${Socket.hasSynced ? 'synced' : 'not synced'}`
  }
  Socket.on('change', show)
  show()
}
