import { numberBook } from '../number-book.ts'
import { ServerStatusCodeError } from '../server-status-code-error.ts'
import { wireLink } from '../wire-link.ts'
import { WAWebConnModel } from './wa-web-conn-model.ts'
import { WAWebUserPrefsMeUser } from './wa-web-user-prefs-me-user.ts'
import type { WAWebWid } from './wa-web-wid.ts'

/** What the page asks of the server about a person or for itself: about text, picture, push name. */
const profileOf = (wid: WAWebWid) => {
  const me = WAWebUserPrefsMeUser.isMeAccount(wid) ? WAWebUserPrefsMeUser.getMaybeMePnUser() : undefined
  const id = wid.isGroup() ? wid.toString() : (me ?? numberBook.phoneOf(wid) ?? wid).user
  return { id, ask: () => wireLink.query('profile.get', { id }) }
}

export const WAWebContactStatusBridge = {
  getStatus: async ({ wid }: { token: string; wid: WAWebWid }) => {
    try {
      return { status: (await profileOf(wid).ask()).about }
    } catch (error) {
      // Of who does not show it the page gets the number of the refusal.
      if (error instanceof ServerStatusCodeError) return { status: error.status }
      throw error
    }
  },
  setMyStatus: async (about: string): Promise<void> => {
    await wireLink.query('profile.about', { about })
  },
}

export const WAWebContactProfilePicThumbBridge = {
  async requestProfilePicFromServer({ id }: { id: WAWebWid }): Promise<{ eurl: string } | undefined> {
    const { picture } = await profileOf(id).ask()
    return picture === undefined ? undefined : { eurl: picture }
  },
  async sendSetPicture(wid: WAWebWid, _thumb: string, picture: string): Promise<{ status: number }> {
    await wireLink.query('profile.picture', { id: profileOf(wid).id, picture })
    return { status: 200 }
  },
  async requestDeletePicture(wid: WAWebWid): Promise<{ status: number }> {
    await wireLink.query('profile.picture', { id: profileOf(wid).id })
    return { status: 200 }
  },
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
