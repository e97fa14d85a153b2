import { Collection } from './collection.ts'
import { Model } from './model.ts'
import type { WAWebWid } from './modules/wa-web-wid.ts'
import { WAWebWidFactory } from './modules/wa-web-wid-factory.ts'
import { numberBook } from './number-book.ts'
import { pageSettings } from './page-settings.ts'

class BlockedContact extends Model<{ id: WAWebWid }> {
  declare id: WAWebWid
}

/** Whom the account has blocked: here, in an earlier run, or by its switch `blocked`. */
class Blocklist extends Collection<BlockedContact> {
  /** By number or LID. */
  override get(id: WAWebWid | string | null | undefined): BlockedContact | undefined {
    if (!id) return undefined
    const wid = numberOf(WAWebWidFactory.createWid(String(id)))
    const { blocked = [] } = pageSettings.current.account
    return super.get(wid) ?? (blocked.includes(wid.user) ? new BlockedContact({ id: wid }) : undefined)
  }

  fill(numbers: string[]): void {
    this.reset()
    for (const number of numbers) this.block(WAWebWidFactory.createWid(`${number}@c.us`))
  }

  block(person: WAWebWid): void {
    this.add(new BlockedContact({ id: numberOf(person) }))
  }

  unblock(person: WAWebWid): void {
    const known = super.get(numberOf(person))
    if (known) this.remove(known)
  }
}

const numberOf = (person: WAWebWid) => numberBook.phoneOf(person) ?? person

export const blocklist = new Blocklist()
