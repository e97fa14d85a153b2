import { build } from './build.ts'
import { ChatModel } from './chat-model.ts'
import { Collection } from './collection.ts'
import type { ContactCollection } from './contact-collection.ts'
import { passFaults } from './faults.ts'
import { groupMetadata } from './group-metadata.ts'
import { msgOf } from './message-row.ts'
import { type ChatRow, messageStorage } from './message-storage.ts'
import { WAWebMsgKey } from './modules/wa-web-msg-key.ts'
import type { WAWebWid } from './modules/wa-web-wid.ts'
import { WAWebWidFactory } from './modules/wa-web-wid-factory.ts'
import type { MsgCollection } from './msg-collection.ts'
import type { MsgModel } from './msg-model.ts'
import { numberBook } from './number-book.ts'
import { pageSettings } from './page-settings.ts'
import { wireLink } from './wire-link.ts'

export class ChatCollection extends Collection<ChatModel> {
  readonly modelClass = ChatModel
  readonly #contacts: ContactCollection
  readonly #messages: MsgCollection

  constructor(contacts: ContactCollection, messages: MsgCollection) {
    super()
    this.#contacts = contacts
    this.#messages = messages
    messages.hasChat = (chatId) => this.get(chatId) !== undefined
  }

  /** Newest first, as the chat list shows them. */
  override getModelsArray(): ChatModel[] {
    return super.getModelsArray().sort((one, other) => other.t - one.t)
  }

  /**
   * The chat with a person, made when it is new, under the number or the LID as the server has it. Throws
   * «No LID for user» where chats need a LID that the page has not learned.
   */
  async findOrCreate(id: string | WAWebWid): Promise<ChatModel> {
    await passFaults()
    const asked = WAWebWidFactory.createWid(id)
    const there = this.get(asked)
    if (there) return there
    if (asked.isGroup()) await groupMetadata.find(asked)
    if (!asked.isUser()) return this.open(asked)
    if (pageSettings.current.chatNeedsLid && !numberBook.lidOf(asked)) throw new Error('No LID for user')
    let answer = numberBook.of(asked)
    if (!answer) {
      answer = asked.isLid()
        ? await wireLink.query('lid.resolve', { lid: asked.user })
        : await wireLink.query('number.exists', { number: asked.user })
      numberBook.learn(answer)
    }
    // A wrong spelling gets a chat of its own: settling extra digits is the number query's business.
    return this.open(asked.isLid() || answer.number !== asked.user ? asked : numberBook.chatWid(answer))
  }

  /** Since July only for a chat in memory: what all collections have in common looks for a method that chats lack. */
  async find(id: string | WAWebWid): Promise<ChatModel> {
    if (!build.has('chatsAreNotFound')) return this.findOrCreate(id)
    const there = this.get(String(id))
    if (!there) throw new TypeError('this.findImpl is not a function')
    return there
  }

  /** The chat under exactly this id. */
  open(wid: WAWebWid): ChatModel {
    const chat =
      this.get(wid) ??
      this.add(new ChatModel({ id: wid, t: Math.floor(Date.now() / 1000) }, this.#contacts.gadd(wid)))
    const metadata = groupMetadata.get(wid)
    if (metadata) chat.groupMetadata = metadata
    return chat
  }

  /** Puts a message into its chat. */
  enter(msg: MsgModel, change: { unread: boolean }): ChatModel {
    const chat = this.open(msg.id.remote)
    chat.msgs.add(msg)
    this.#messages.add(msg)
    chat.set({
      t: msg.t,
      lastReceivedKey: msg.id,
      ...(change.unread && { unreadCount: chat.unreadCount + 1 }),
    })
    return chat
  }

  /** The chats of the last run, each with its newest message. */
  async load(): Promise<void> {
    const rows = await messageStorage.all('chat')
    for (const row of rows) await this.#revive(row)
  }

  async #revive({ id, lastReceivedKey, ...attributes }: ChatRow): Promise<void> {
    const wid = WAWebWidFactory.createWid(id)
    if (this.get(wid)) return
    const key = typeof lastReceivedKey === 'string' ? WAWebMsgKey.fromString(lastReceivedKey) : undefined
    const chat = this.add(
      new ChatModel({ ...attributes, id: wid, lastReceivedKey: key }, this.#contacts.gadd(wid)),
    )
    if (!key) return
    const [row] = await messageStorage.messages([key.toString()])
    if (row) chat.msgs.add(this.#messages.add(msgOf(row)))
  }
}
