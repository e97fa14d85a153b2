import type { Me } from '../../wire.ts'
import type { WAWebWid } from './wa-web-wid.ts'
import { WAWebWidFactory } from './wa-web-wid-factory.ts'

let pn: WAWebWid | undefined
let lid: WAWebWid | undefined

export function rememberMe(me: Me): void {
  pn = WAWebWidFactory.createWid(`${me.number}@c.us`)
  lid = WAWebWidFactory.createWid(`${me.lid}@lid`)
}

export const WAWebUserPrefsMeUser = {
  getMaybeMePnUser: () => pn,
  getMaybeMeLidUser: () => lid,
  isMeAccount: (wid: WAWebWid) => wid.equals(pn) || wid.equals(lid),
}
