import { numberBook } from '../number-book.ts'
import type { WAWebWid } from './wa-web-wid.ts'

export const WAWebApiContact = {
  getCurrentLid: (wid: WAWebWid) => (wid.isLid() ? wid : numberBook.lidOf(wid)),
  getPhoneNumber: (wid: WAWebWid) => (wid.isLid() ? numberBook.phoneOf(wid) : wid),
  getAlternateUserWid: (wid: WAWebWid) => (wid.isLid() ? numberBook.phoneOf(wid) : numberBook.lidOf(wid)),
}

export const WAWebLidMigrationUtils = {
  toPn: (wid: WAWebWid) => (wid.isLid() ? numberBook.phoneOf(wid) : wid),
  toLid: (wid: WAWebWid) => (wid.isLid() ? wid : numberBook.lidOf(wid)),
}
