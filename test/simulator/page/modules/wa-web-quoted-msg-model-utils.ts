import { MsgModel } from '../msg-model.ts'
import { WAWebCollections } from './wa-web-collections.ts'
import { WAWebMsgKey } from './wa-web-msg-key.ts'
import { WAWebUserPrefsMeUser } from './wa-web-user-prefs-me-user.ts'

export const WAWebQuotedMsgModelUtils = {
  /** The quoted message: the one in memory, else one made of what the reply carries. */
  getQuotedMsgObj(msg: MsgModel): MsgModel | null {
    const { quotedMsg, quotedStanzaID: id, quotedParticipant } = msg
    if (!quotedMsg || id === undefined || !quotedParticipant) return null
    const fromMe = WAWebUserPrefsMeUser.isMeAccount(quotedParticipant)
    const key = new WAWebMsgKey({ fromMe, remote: msg.id.remote, id })
    const there = WAWebCollections.Msg.get(key)
    if (there) return there
    const mine = msg.id.fromMe ? msg.from : msg.to
    const [from, to] = fromMe ? [mine, msg.id.remote] : [msg.id.remote, mine]
    return new MsgModel({ ...quotedMsg, id: key, from, to, t: msg.t, ack: 1, isNewMsg: false })
  },
}
