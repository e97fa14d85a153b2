import { wireLink } from '../wire-link.ts'
import { WAWebConnModel } from './wa-web-conn-model.ts'

/** What the page asks of the server about a person or for itself: about text, picture, push name. */
export const WAWebContactStatusBridge = {
  getStatus: async (_ask: object) => ({ status: 'Hey there! I am using WhatsApp.' }),
  setMyStatus: async (_status: string) => {},
}

export const WAWebContactProfilePicThumbBridge = {
  requestProfilePicFromServer: async (_chat: object) => undefined,
}

export const WAWebSetPushnameConnAction = {
  async setPushname(pushName: string): Promise<void> {
    await wireLink.query('pushname.set', { pushName })
    WAWebConnModel.Conn.set({ pushname: pushName })
  },
}

export const WAWebApiDeviceList = {
  getDeviceIds: async (wids: object[]) => wids.map((wid) => ({ id: wid, devices: [{ id: 0 }] })),
}
