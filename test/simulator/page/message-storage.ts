import { passFaults } from './faults.ts'
import { idbCommit, idbDelete, idbRequest } from './idb-request.ts'

const DATABASE = 'model-storage'
const SOON_MS = 250

export interface MessageRow {
  /** The serialized message key. */
  id: string
  chatId: string
  /** Order of storing. */
  rowId: number
  /** 1 while the server has not acked a message of ours: the outbox. */
  pending?: 1
  attributes: Record<string, unknown>
}
export interface ChatRow {
  id: string
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
}
type StoreName = keyof Rows

/** The page's IndexedDB. Writes of one turn share a transaction; transactions are committed in order. */
class MessageStorage {
  #database: IDBDatabase | null = null
  #batch: { store: StoreName; row: Rows[StoreName] }[] = []
  readonly #soon = new Map<string, { store: StoreName; row: Rows[StoreName] }>()
  #soonTimer: ReturnType<typeof setTimeout> | undefined
  #next: Promise<void> | null = null
  #running: Promise<void> = Promise.resolve()
  #rowId = 0

  async open(): Promise<void> {
    if (this.#database) return
    const request = indexedDB.open(DATABASE, 1)
    request.onupgradeneeded = () => {
      const messages = request.result.createObjectStore('message', { keyPath: 'id' })
      messages.createIndex('chat', ['chatId', 'rowId'])
      messages.createIndex('pending', ['pending', 'rowId'])
      messages.createIndex('rowId', 'rowId')
      request.result.createObjectStore('chat', { keyPath: 'id' })
      request.result.createObjectStore('number', { keyPath: 'number' })
    }
    this.#database = await idbRequest(request)
    const newest = await idbRequest(this.#store('message').index('rowId').openKeyCursor(null, 'prev'))
    this.#rowId = Number(newest?.key ?? 0)
  }

  nextRowId(): number {
    return ++this.#rowId
  }

  /** Resolves when the row is committed. */
  put<Name extends StoreName>(store: Name, row: Rows[Name]): Promise<void> {
    this.#batch.push({ store, row })
    return this.#schedule()
  }

  /** Writes the row with the next transaction, or in a moment: for what may be lost when the browser is killed. */
  putSoon<Name extends 'message' | 'chat'>(store: Name, row: Rows[Name]): void {
    this.#soon.set(`${store}/${row.id}`, { store, row })
    this.#soonTimer ??= setTimeout(() => this.flush(), SOON_MS)
  }

  flush(): void {
    if (this.#soon.size > 0) this.#schedule().catch(reportError)
  }

  async all<Name extends StoreName>(store: Name): Promise<Rows[Name][]> {
    return idbRequest(this.#store(store).getAll() as IDBRequest<Rows[Name][]>)
  }

  /** Throws IndexedDB's own DataError for a key that is none, `undefined` for one. */
  async messages(ids: string[]): Promise<MessageRow[]> {
    await passFaults()
    const store = this.#store('message')
    const rows = await Promise.all(
      ids.map((id) => idbRequest(store.get(id) as IDBRequest<MessageRow | undefined>)),
    )
    return rows.filter((row) => row !== undefined)
  }

  async pending(): Promise<MessageRow[]> {
    return idbRequest(this.#store('message').index('pending').getAll() as IDBRequest<MessageRow[]>)
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
    this.#batch = []
    this.#soon.clear()
    clearTimeout(this.#soonTimer)
    this.#soonTimer = undefined
    this.#next = null
    if (!this.#database) return
    const names = [...new Set(batch.map(({ store }) => store))]
    const transaction = this.#database.transaction(names, 'readwrite', { durability: 'relaxed' })
    for (const { store, row } of batch) transaction.objectStore(store).put(row)
    // Without this IndexedDB commits only when every request has reported back.
    transaction.commit()
    await idbCommit(transaction)
  }
}

export const messageStorage = new MessageStorage()
