import { blocklist } from './blocklist.ts'
import { Collection } from './collection.ts'
import { Model } from './model.ts'
import type { WAWebWid } from './modules/wa-web-wid.ts'
import { WAWebWidFactory } from './modules/wa-web-wid-factory.ts'
import { numberBook } from './number-book.ts'

interface ContactAttributes {
  id: WAWebWid
  type: 'in' | 'out'
  name: string | undefined
  pushname: string | undefined
  phoneNumber: WAWebWid | undefined
  isBusiness: boolean
  isEnterprise: boolean
  isContactBlocked: boolean
}

export class ContactModel extends Model<ContactAttributes> {
  declare id: WAWebWid
  declare name: string | undefined
  declare pushname: string | undefined
  declare phoneNumber: WAWebWid | undefined
  declare isBusiness: boolean
  declare isEnterprise: boolean
  declare isContactBlocked: boolean
  /** Once they were looked for. */
  commonGroups?: { serialize(): { id: WAWebWid }[] }

  get formattedName(): string {
    return this.name ?? this.pushname ?? `+${(this.phoneNumber ?? this.id).user}`
  }
}

export class ContactCollection extends Collection<ContactModel> {
  readonly modelClass = ContactModel

  /** The contact of an id, made when it is new. Throws for what is no id. */
  async find(id: string | WAWebWid): Promise<ContactModel> {
    return this.gadd(WAWebWidFactory.createWid(id))
  }

  gadd(id: WAWebWid): ContactModel {
    return (
      this.get(id) ??
      this.add(
        new ContactModel({
          id,
          type: 'in',
          name: undefined,
          pushname: undefined,
          phoneNumber: id.isLid() ? numberBook.phoneOf(id) : undefined,
          isBusiness: false,
          isEnterprise: false,
          isContactBlocked: blocklist.get(id) !== undefined,
        }),
      )
    )
  }
}
