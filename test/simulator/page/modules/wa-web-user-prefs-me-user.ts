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

/** The account's number or LID. Throws before the login is known. */
export function ownAddress(kind: 'number' | 'lid'): WAWebWid {
  const address = kind === 'lid' ? lid : pn
  if (!address) throw new Error('the account is not known yet')
  return address
}

/** The address under which the account writes in a chat. */
export function ownAddressIn({
  id,
  groupMetadata,
}: {
  id: WAWebWid
  groupMetadata?: { isLidAddressingMode: boolean }
}): WAWebWid {
  return ownAddress((groupMetadata?.isLidAddressingMode ?? id.isLid()) ? 'lid' : 'number')
}
