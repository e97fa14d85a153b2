import { Model } from '../model.ts'
import type { WAWebWid } from './wa-web-wid.ts'

interface ConnAttributes {
  ref: string | undefined
  connected: boolean
  pushname: string | undefined
  platform: string
  /** The account's own. */
  wid: WAWebWid | undefined
  battery: number | undefined
  plugged: boolean | undefined
}

class ConnModel extends Model<ConnAttributes> {
  declare ref: string | undefined
  declare pushname: string | undefined
  declare platform: string

  canSetMyPushname(): boolean {
    return true
  }
}

export const WAWebConnModel = {
  Conn: new ConnModel({
    ref: undefined,
    connected: false,
    pushname: undefined,
    platform: 'android',
    wid: undefined,
    battery: undefined,
    plugged: undefined,
  }),
}
