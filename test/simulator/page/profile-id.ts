import { WAWebUserPrefsMeUser } from './modules/wa-web-user-prefs-me-user.ts'
import type { WAWebWid } from './modules/wa-web-wid.ts'
import { numberBook } from './number-book.ts'

/** Under what the server keeps the picture and the about text: the digits of a number, or the id of a group. */
export function profileId(wid: WAWebWid): string {
  if (wid.isGroup()) return wid.toString()
  const me = WAWebUserPrefsMeUser.isMeAccount(wid) ? WAWebUserPrefsMeUser.getMaybeMePnUser() : undefined
  return (me ?? numberBook.phoneOf(wid) ?? wid).user
}
