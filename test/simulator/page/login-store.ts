import type { Login } from '../wire.ts'
import { idbCommit, idbDelete, idbRequest } from './idb-request.ts'

const DATABASE = 'signal-storage'
const KEY = 'login'

let login: Login | null = null

async function withStore<T>(
  mode: IDBTransactionMode,
  run: (store: IDBObjectStore) => Promise<T>,
): Promise<T> {
  const request = indexedDB.open(DATABASE, 1)
  request.onupgradeneeded = () => request.result.createObjectStore('device')
  const database = await idbRequest(request)
  try {
    const transaction = database.transaction('device', mode, { durability: 'strict' })
    const committed = idbCommit(transaction)
    const result = await run(transaction.objectStore('device'))
    await committed
    return result
  } finally {
    database.close()
  }
}

/**
 * The login, in the profile: what makes a restart go on without a QR. In IndexedDB and strictly committed, because
 * localStorage reaches the disk only seconds later, too late for a browser that is killed.
 */
export const loginStore = {
  get current(): Login | null {
    return login
  },

  async load(): Promise<void> {
    try {
      login =
        (await withStore('readonly', (store) => idbRequest(store.get(KEY) as IDBRequest<Login>))) ?? null
    } catch (error) {
      // A profile that was deleted under the running browser has no storage, and so no login.
      reportError(error)
    }
  },

  async set(value: Login): Promise<void> {
    login = value
    await withStore('readwrite', (store) => idbRequest(store.put(value, KEY)))
  },

  async clear(): Promise<void> {
    login = null
    await idbDelete(DATABASE)
  },
}
