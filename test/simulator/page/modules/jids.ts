import type { WAWebWid } from './wa-web-wid.ts'
import { WAWebWidFactory } from './wa-web-wid-factory.ts'

export const WAWebWidToJid = {
  widToUserJid: (wid: WAWebWid) => wid.toJid(),
  widToGroupJid: (wid: WAWebWid) => wid.toJid(),
}

export const WAWebJidToWid = {
  userJidToUserWid: (jid: string) => WAWebWidFactory.createWid(jid),
  newsletterJidToWid: (jid: string) => WAWebWidFactory.createWid(jid),
}
