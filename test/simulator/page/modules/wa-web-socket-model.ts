import { Model } from '../model.ts'

type SocketState =
  | 'OPENING'
  | 'PAIRING'
  | 'UNPAIRED'
  | 'UNPAIRED_IDLE'
  | 'CONNECTED'
  | 'TIMEOUT'
  | 'CONFLICT'
  | 'UNLAUNCHED'

interface SocketAttributes {
  state: SocketState
  stream: 'DISCONNECTED' | 'SYNCING' | 'CONNECTED'
  hasSynced: boolean
}

/** The connection as the rest of the page sees it. What it does is added by the session. */
class SocketModel extends Model<SocketAttributes> {
  declare state: SocketState
  declare stream: SocketAttributes['stream']
  declare hasSynced: boolean
  declare logout: () => Promise<void>
  declare takeover: () => void
  declare reconnect: () => void
}

export const WAWebSocketModel = {
  Socket: new SocketModel({ state: 'OPENING', stream: 'DISCONNECTED', hasSynced: false }),
}
