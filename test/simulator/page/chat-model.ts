import { Collection } from './collection.ts'
import type { ContactModel } from './contact-collection.ts'
import type { GroupMetadata } from './group-metadata.ts'
import { InOrder } from './in-order.ts'
import { labels } from './label-collection.ts'
import { type ChatRow, messageStorage } from './message-storage.ts'
import { Model } from './model.ts'
import type { WAWebMsgKey } from './modules/wa-web-msg-key.ts'
import type { WAWebWid } from './modules/wa-web-wid.ts'
import type { MsgModel } from './msg-model.ts'

interface ChatAttributes {
  id: WAWebWid
  t: number
  unreadCount: number
  archive: boolean
  pin: number
  isLocked: boolean
  muteExpiration: number
  lastReceivedKey: WAWebMsgKey | undefined
  endOfHistoryTransferType: number
}

/** One chat, with those of its messages that are in memory. */
export class ChatModel extends Model<ChatAttributes> {
  declare id: WAWebWid
  declare t: number
  declare unreadCount: number
  declare archive: boolean
  declare pin: number
  declare muteExpiration: number
  declare lastReceivedKey: WAWebMsgKey | undefined
  readonly msgs = new Collection<MsgModel>()
  readonly addQueue = new InOrder()
  readonly sendQueue = new InOrder()
  readonly mute: {
    readonly expiration: number
    mute(how: { expiration: number }): Promise<void>
    unmute(): Promise<void>
  }
  readonly contact: ContactModel
  /** What is known of a group; none for a person. */
  groupMetadata?: GroupMetadata

  constructor(attributes: Pick<ChatAttributes, 'id'> & Partial<ChatAttributes>, contact: ContactModel) {
    super({
      t: 0,
      unreadCount: 0,
      archive: false,
      pin: 0,
      isLocked: false,
      muteExpiration: 0,
      lastReceivedKey: undefined,
      endOfHistoryTransferType: 1,
      ...attributes,
    })
    this.contact = contact
    const chat = this
    this.mute = {
      get expiration() {
        return chat.muteExpiration
      },
      mute: async ({ expiration }) => void chat.set({ muteExpiration: expiration }),
      unmute: async () => void chat.set({ muteExpiration: 0 }),
    }
    this.on('change', () => this.store())
  }

  iAmAdmin(): boolean {
    return this.groupMetadata?.me?.isAdmin === true
  }

  get formattedTitle(): string {
    return this.groupMetadata?.subject ?? this.contact.formattedName
  }

  /** Ids of the labels that it bears. */
  get labels(): string[] {
    return labels.ofChat(this.id)
  }

  /** With the messages in memory, as the real one; they are models still. */
  override serialize(): Record<string, unknown> {
    return { ...this.toJSON(), msgs: this.msgs.getModelsArray() }
  }

  override toJSON(): Record<string, unknown> {
    return { ...super.serialize(), labels: this.labels }
  }

  store(): void {
    const { id, t, unreadCount, archive, pin, muteExpiration, lastReceivedKey } = this
    const row: ChatRow = { id: id.toString(), t, unreadCount, archive, pin, muteExpiration }
    if (lastReceivedKey) row.lastReceivedKey = lastReceivedKey.toString()
    void messageStorage.putSoon('chat', row)
  }
}
