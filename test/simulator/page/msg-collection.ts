import { Collection } from './collection.ts'
import { msgOf } from './message-row.ts'
import { messageStorage } from './message-storage.ts'
import { MsgModel } from './msg-model.ts'

/** All messages in memory; those that are only stored are found by `getMessagesById`. */
export class MsgCollection extends Collection<MsgModel> {
  readonly modelClass = MsgModel
  /** Whether a chat is in memory. Set by the chats. */
  hasChat: (chatId: string) => boolean = () => false

  /** What is stored under these keys comes into memory, but for messages whose chat is not there. */
  async getMessagesById(ids: string[]): Promise<{ messages: MsgModel[] }> {
    const rows = (await messageStorage.messages(ids)).filter(({ chatId }) => this.hasChat(chatId))
    return { messages: rows.map((row) => this.get(row.id) ?? this.add(msgOf(row))) }
  }

  async search(
    query: string,
    page = 1,
    count = 50,
    remote?: string,
  ): Promise<{ messages: MsgModel[]; eof: boolean }> {
    const rows = await messageStorage.all('message')
    const found = rows.filter(
      (row) =>
        (remote === undefined || row.chatId === remote) &&
        String(row.attributes.body).toLowerCase().includes(query.toLowerCase()),
    )
    const newestFirst = found.sort((one, other) => other.rowId - one.rowId)
    const slice = newestFirst.slice((page - 1) * count, page * count)
    return { messages: slice.map((row) => this.get(row.id) ?? msgOf(row)), eof: found.length <= page * count }
  }
}
