import { Collection } from './collection.ts'
import type { Model } from './model.ts'
import type { WAWebWid } from './modules/wa-web-wid.ts'
import { WAWebWidFactory } from './modules/wa-web-wid-factory.ts'
import { numberBook } from './number-book.ts'
import { pageSettings } from './page-settings.ts'

type BlockedContact = Model<object> & { id: WAWebWid }

/** Whom the account has blocked, by number or LID. */
export class BlocklistCollection extends Collection<BlockedContact> {
  override get(id: WAWebWid | string | null | undefined): BlockedContact | undefined {
    if (!id) return undefined
    const wid = WAWebWidFactory.createWid(String(id))
    const number = numberBook.of(wid)?.number ?? wid.user
    const { blocked = [] } = pageSettings.current.account
    return blocked.includes(number) ? ({ id: wid } as BlockedContact) : undefined
  }
}
