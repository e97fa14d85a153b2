import { groupMetadata } from '../group-metadata.ts'
import { addOnRows } from './wa-web-addon-tables.ts'
import type { WAWebMsgKey } from './wa-web-msg-key.ts'
import { WAWebUserPrefsMeUser } from './wa-web-user-prefs-me-user.ts'
import type { WAWebWid } from './wa-web-wid.ts'
import { WAWebWidFactory } from './wa-web-wid-factory.ts'

interface Reached {
  id: WAWebWid
  /** Unix time in seconds. */
  t: number
}

export const WAWebApiMessageInfoStore = {
  /** Whom a message of one's own has reached, and how many it has not. Who has read it stands among those who have it, too. */
  async queryMsgInfo(key: WAWebMsgKey) {
    const rows = await addOnRows('receipt', key.toString())
    const members = groupMetadata.get(key.remote)?.participants.getModelsArray()
    const addressees = members?.filter(({ id }) => !WAWebUserPrefsMeUser.isMeAccount(id)).length ?? 1
    const reached = (what: 'delivery' | 'read'): Reached[] =>
      rows.flatMap(({ sender, [what]: t }) =>
        typeof t === 'number' ? [{ id: WAWebWidFactory.createWid(sender), t }] : [],
      )
    const [delivery, read] = [reached('delivery'), reached('read')]
    return {
      ...{ delivery, deliveryRemaining: addressees - delivery.length },
      ...{ read, readRemaining: addressees - read.length },
      ...{ played: [] as Reached[], playedRemaining: addressees },
    }
  },
}
