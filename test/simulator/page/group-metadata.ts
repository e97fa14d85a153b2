import type { WireGroup } from '../wire.ts'
import { Collection } from './collection.ts'
import { Model } from './model.ts'
import { WAWebUserPrefsMeUser } from './modules/wa-web-user-prefs-me-user.ts'
import type { WAWebWid } from './modules/wa-web-wid.ts'
import { WAWebWidFactory } from './modules/wa-web-wid-factory.ts'
import { numberBook } from './number-book.ts'
import { wireLink } from './wire-link.ts'

interface ParticipantAttributes {
  id: WAWebWid
  isAdmin: boolean
  isSuperAdmin: boolean
}

class Participant extends Model<ParticipantAttributes> {
  declare id: WAWebWid
  declare isAdmin: boolean
  declare isSuperAdmin: boolean
}

class ParticipantCollection extends Collection<Participant> {
  serialize(): Record<string, unknown>[] {
    return this.getModelsArray().map((participant) => participant.serialize())
  }
}

interface MetadataAttributes {
  id: WAWebWid
  owner: WAWebWid
  creation: number
  subject: string
  desc: string
  descId: string | undefined
  announce: boolean
  restrict: boolean
  memberAddMode: string
  membershipApprovalMode: boolean
  ephemeralDuration: number
  isLidAddressingMode: boolean
  size: number
}

/** What the page knows of a group. */
export class GroupMetadata extends Model<MetadataAttributes> {
  declare id: WAWebWid
  declare subject: string
  declare descId: string | undefined
  declare announce: boolean
  declare restrict: boolean
  declare isLidAddressingMode: boolean
  readonly participants = new ParticipantCollection()
  readonly membershipApprovalRequests: { _models: { id: WAWebWid }[] } = { _models: [] }

  constructor(group: WireGroup) {
    super(attributesOf(group))
    this.#fill(group)
  }

  take(group: WireGroup): void {
    this.#fill(group)
    this.set(attributesOf(group))
  }

  /** The participant that is this account; none where it has left, or was removed. */
  get me(): Participant | undefined {
    return this.participants.getModelsArray().find(({ id }) => WAWebUserPrefsMeUser.isMeAccount(id))
  }

  override serialize(): Record<string, unknown> {
    return { ...super.serialize(), participants: this.participants.serialize() }
  }

  #fill({ participants, requests, isLidAddressingMode }: WireGroup): void {
    this.participants.reset()
    for (const { who, role } of participants) {
      numberBook.learn(who)
      const id = WAWebWidFactory.createWid(isLidAddressingMode ? `${who.lid}@lid` : `${who.number}@c.us`)
      this.participants.add(
        new Participant({ id, isAdmin: role !== 'member', isSuperAdmin: role === 'superadmin' }),
      )
    }
    this.membershipApprovalRequests._models = requests.map((who) => {
      numberBook.learn(who)
      return { id: WAWebWidFactory.createWid(`${who.number}@c.us`) }
    })
  }
}

function attributesOf(group: WireGroup): MetadataAttributes {
  const { id, owner, participants, requests: _, ...rest } = group
  return {
    ...rest,
    id: WAWebWidFactory.createWid(id),
    owner: WAWebWidFactory.createWid(`${owner}@c.us`),
    size: participants.length,
  }
}

/** The groups that the account is in, or was in while this document was open. */
class GroupMetadataCollection extends Collection<GroupMetadata> {
  take(group: WireGroup): GroupMetadata {
    const known = this.get(group.id)
    known?.take(group)
    return known ?? this.add(new GroupMetadata(group))
  }

  /** What the server has of a group. Rejects where the account is not in it. */
  async find(id: string | WAWebWid): Promise<GroupMetadata> {
    return this.get(id) ?? this.update(id)
  }

  async update(id: string | WAWebWid): Promise<GroupMetadata> {
    const known = this.get(id)
    try {
      return this.take(await wireLink.query('group.get', { id: String(id) }))
    } catch (error) {
      // Of a group that it is in no more the account keeps what it knows.
      if (known) return known
      throw error
    }
  }
}

export const groupMetadata = new GroupMetadataCollection()
