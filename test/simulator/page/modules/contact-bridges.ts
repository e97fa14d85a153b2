import { profileId } from '../profile-id.ts'
import { profilePicThumbs } from '../profile-pic-thumbs.ts'
import { ServerStatusCodeError } from '../server-status-code-error.ts'
import { wireLink } from '../wire-link.ts'
import { WAWebConnModel } from './wa-web-conn-model.ts'
import type { WAWebWid } from './wa-web-wid.ts'

/** What the page asks of the server about a person or for itself: about text, picture, push name. */
const profileOf = (wid: WAWebWid) => wireLink.query('profile.get', { id: profileId(wid) })

async function changePicture(wid: WAWebWid, data?: string): Promise<{ status: number }> {
  const ask = { id: profileId(wid), ...(data !== undefined && { picture: data }) }
  const { picture } = await wireLink.query('profile.picture', ask)
  profilePicThumbs.take(wid, picture)
  return { status: 200 }
}

export const WAWebContactStatusBridge = {
  getStatus: async ({ wid }: { token: string; wid: WAWebWid }) => {
    try {
      return { status: (await profileOf(wid)).about }
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
    const { picture } = await profileOf(id)
    return picture === undefined ? undefined : { eurl: picture }
  },
  sendSetPicture: (wid: WAWebWid, _thumb: string, picture: string) => changePicture(wid, picture),
  requestDeletePicture: (wid: WAWebWid) => changePicture(wid),
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
