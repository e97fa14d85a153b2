import { passFaults } from './faults.ts'
import { idbCommit, idbDelete, idbRequest } from './idb-request.ts'

const DATABASE = 'model-storage'
/** For how long the page gathers receipts before it writes them. */
const SOON_MS = 1_000

export interface MessageRow {
  /** The serialized message key. */
  id: string
  chatId: string
  /** Order of storing. */
  rowId: number
  attributes: Record<string, unknown>
}
export interface ChatRow {
  id: string
  [attribute: string]: unknown
}
/** What is said of a message: a reaction, a vote, a pin. */
export interface AddOnRow {
  id: string
  table: string
  parentMsgKey: string
  chatId: string
  /** Id of the person who said it. */
  sender: string
  t: number
  [attribute: string]: unknown
}
interface NumberRow {
  number: string
  lid: string
  lidMode: string
  registered: boolean
  pushName?: string
}

interface Rows {
  message: MessageRow
  chat: ChatRow
  number: NumberRow
  addOn: AddOnRow
}
type StoreName = keyof Rows

interface Write {
  store: StoreName
  row: Rows[StoreName]
  /** For a row that must be new: called where its key is taken, and nothing is written. */
  onTaken?: () => void
}

/** What the store rejects a second message with the same key with. */
class DuplicateMessageError extends Error {
  override readonly name = 'DuplicateMessageError'
}

/** The page's IndexedDB. Writes of one turn share a transaction; transactions are committed in order. */
class MessageStorage {
  #database: IDBDatabase | null = null
  #batch: Write[] = []
  readonly #soon = new Map<string, Write>()
  #soonTimer: ReturnType<typeof setTimeout> | undefined
  #soonWritten = Promise.withResolvers<void>()
  #next: Promise<void> | null = null
  #running: Promise<void> = Promise.resolve()
  #rowId = 0
  #keys = new Set<string>()
  /** Messages that were deleted: what is written of them later, as a receipt that was under way, is dropped. */
  readonly #deleted = new Set<string>()

  async open(): Promise<void> {
    if (this.#database) return
    const request = indexedDB.open(DATABASE, 1)
    request.onupgradeneeded = () => {
      const messages = request.result.createObjectStore('message', { keyPath: 'id' })
      messages.createIndex('chat', ['chatId', 'rowId'])
      messages.createIndex('rowId', 'rowId')
      request.result.createObjectStore('chat', { keyPath: 'id' })
      request.result.createObjectStore('number', { keyPath: 'number' })
      request.result.createObjectStore('addOn', { keyPath: 'id' })
    }
    this.#database = await idbRequest(request)
    const newest = await idbRequest(this.#store('message').index('rowId').openKeyCursor(null, 'prev'))
    this.#rowId = Number(newest?.key ?? 0)
    this.#keys = new Set((await idbRequest(this.#store('message').getAllKeys())).map(String))
  }

  /** Whether a message with this key is stored, or about to be. */
  hasMessage(key: string): boolean {
    return this.#keys.has(key)
  }

  nextRowId(): number {
    return ++this.#rowId
  }

  /** Resolves when the row is committed. */
  put<Name extends StoreName>(store: Name, row: Rows[Name]): Promise<void> {
    if (store === 'message') {
      const { id } = row as MessageRow
      if (this.#deleted.has(id)) return Promise.resolve()
      this.#keys.add(id)
    }
    this.#batch.push({ store, row })
    return this.#schedule()
  }

  /** Resolves when a new message is committed. Rejects with DuplicateMessageError where one with its key is stored. */
  async add(row: MessageRow): Promise<void> {
    this.#keys.add(row.id)
    let isTaken = false
    this.#batch.push({
      store: 'message',
      row,
      onTaken: () => {
        isTaken = true
      },
    })
    await this.#schedule()
    if (isTaken) throw new DuplicateMessageError(row.id)
  }

  /**
   * Writes the row with the next transaction, or in a moment: for what may be lost when the browser is killed. Resolves
   * when it is committed.
   */
  putSoon<Name extends 'message' | 'chat' | 'addOn'>(store: Name, row: Rows[Name]): Promise<void> {
    if (store === 'message' && this.#deleted.has(row.id)) return Promise.resolve()
    this.#soon.set(`${store}/${row.id}`, { store, row })
    this.#soonTimer ??= setTimeout(() => this.flush(), SOON_MS)
    return this.#soonWritten.promise
  }

  flush(): void {
    if (this.#soon.size > 0) this.#schedule().catch(reportError)
  }

  async all<Name extends StoreName>(store: Name): Promise<Rows[Name][]> {
    return idbRequest(this.#store(store).getAll() as IDBRequest<Rows[Name][]>)
  }

  /** What was put before is found. Throws IndexedDB's own DataError for a key that is none, `undefined` for one. */
  async messages(ids: string[]): Promise<MessageRow[]> {
    await passFaults()
    await this.#running.catch(() => undefined)
    const store = this.#store('message')
    const rows = await Promise.all(
      ids.map((id) => idbRequest(store.get(id) as IDBRequest<MessageRow | undefined>)),
    )
    return rows.filter((row) => row !== undefined)
  }

  /** The newest messages of a chat that are older than a row, oldest first. */
  async earlier(chatId: string, before: number, count: number): Promise<MessageRow[]> {
    await passFaults()
    const range = IDBKeyRange.bound([chatId, 0], [chatId, before], false, true)
    const cursorRequest = this.#store('message').index('chat').openCursor(range, 'prev')
    const { promise, resolve, reject } = Promise.withResolvers<MessageRow[]>()
    const rows: MessageRow[] = []
    cursorRequest.onerror = () => reject(cursorRequest.error)
    cursorRequest.onsuccess = () => {
      const cursor = cursorRequest.result
      if (!cursor || rows.length === count) return resolve(rows.reverse())
      rows.push(cursor.value as MessageRow)
      cursor.continue()
    }
    return promise
  }

  async deleteMessage(id: string): Promise<void> {
    this.#deleted.add(id)
    await this.#delete('message', [id])
  }

  /** All messages of a chat. */
  async deleteMessages(chatId: string): Promise<void> {
    const rows = await this.earlier(chatId, Number.MAX_SAFE_INTEGER, Number.POSITIVE_INFINITY)
    for (const { id } of rows) this.#deleted.add(id)
    await this.#delete(
      'message',
      rows.map(({ id }) => id),
    )
  }

  async deleteChat(id: string): Promise<void> {
    this.#soon.delete(`chat/${id}`)
    await this.#delete('chat', [id])
  }

  /** After what is to be written of them. */
  async #delete(store: StoreName, ids: string[]): Promise<void> {
    this.flush()
    await this.#running
    const transaction = this.#database?.transaction(store, 'readwrite')
    for (const id of ids) transaction?.objectStore(store).delete(id)
    if (transaction) await idbCommit(transaction)
  }

  async destroy(): Promise<void> {
    this.#database?.close()
    this.#database = null
    await idbDelete(DATABASE)
  }

  #store(name: StoreName): IDBObjectStore {
    if (!this.#database) throw new Error('the message storage is not open')
    return this.#database.transaction(name).objectStore(name)
  }

  #schedule(): Promise<void> {
    if (!this.#next) {
      this.#next = this.#running
        .catch(() => undefined)
        .then(passFaults)
        .then(() => this.#commit())
      this.#running = this.#next
    }
    return this.#next
  }

  async #commit(): Promise<void> {
    // What is due soon goes first: a row that was put since is newer.
    const batch = [...this.#soon.values(), ...this.#batch]
    const soonWritten = this.#soonWritten
    this.#batch = []
    this.#soon.clear()
    this.#soonWritten = Promise.withResolvers<void>()
    clearTimeout(this.#soonTimer)
    this.#soonTimer = undefined
    this.#next = null
    // A key that is taken ends the whole transaction, but concerns its own row alone.
    await this.#write(batch).catch(async () => this.#write(await this.#withoutTaken(batch)))
    soonWritten.resolve()
  }

  async #write(batch: Write[]): Promise<void> {
    if (!this.#database || batch.length === 0) return
    const names = [...new Set(batch.map(({ store }) => store))]
    const transaction = this.#database.transaction(names, 'readwrite', { durability: 'relaxed' })
    for (const { store, row, onTaken } of batch) {
      const objects = transaction.objectStore(store)
      if (onTaken) objects.add(row)
      else objects.put(row)
    }
    // Without this IndexedDB commits only when every request has reported back.
    transaction.commit()
    await idbCommit(transaction)
  }

  async #withoutTaken(batch: Write[]): Promise<Write[]> {
    const taken = new Set<Write>()
    for (const write of batch) {
      if (!write.onTaken || !(await idbRequest(this.#store('message').getKey((write.row as MessageRow).id))))
        continue
      taken.add(write)
      write.onTaken()
    }
    return batch.filter((write) => !taken.has(write))
  }
}

export const messageStorage = new MessageStorage()
