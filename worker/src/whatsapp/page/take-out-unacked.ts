/**
 * Runs in an empty document of WhatsApp's origin, while none of WhatsApp's own code does: takes those of our own
 * messages out of the page's store that are named by their id part and have no ack. What has one is left alone, and so
 * is everything else. Without the database or the store there is nothing to take out, and nothing is made.
 *
 * Names and layout are the real page's as far as is known: database `model-storage`, store `message`, keyed by
 * `true_<chat>_<id>`, `ack` in the row or one level below it. A row that shows no ack at all counts as unacked.
 * @returns how many were taken out
 * @throws where one was found and could not be taken out
 */
export async function takeOutUnacked(ids: string[]): Promise<{ taken: number; unreadable?: string }> {
  const databaseName = 'model-storage'
  const storeName = 'message'

  const settled = <T>(request: IDBRequest<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result)
      request.onerror = () => reject(request.error)
    })
  const open = async (): Promise<IDBDatabase | null> => {
    const known = await indexedDB.databases()
    if (!known.some(({ name }) => name === databaseName)) return null
    const request = indexedDB.open(databaseName)
    // It went just now: an empty one of our making would keep the page from making its own.
    request.onupgradeneeded = () => request.transaction?.abort()
    return await settled(request)
  }
  const asked = new Set(ids)
  const isOneOfThem = (key: IDBValidKey) => typeof key === 'string' && asked.has(key.split('_')[2] ?? '')
  const ackOf = (row: unknown): number => {
    const fields = Object(row) as Record<string, unknown>
    const found = [fields, ...Object.values(fields)]
      .map((part) => (Object(part) as { ack?: unknown }).ack)
      .find((ack) => typeof ack === 'number')
    return typeof found === 'number' ? found : 0
  }

  let database: IDBDatabase | null = null
  try {
    let store: IDBObjectStore
    let keys: IDBValidKey[]
    try {
      database = await open()
      if (!database?.objectStoreNames.contains(storeName)) return { taken: 0 }
      store = database.transaction(storeName, 'readwrite', { durability: 'strict' }).objectStore(storeName)
      keys = (await settled(store.getAllKeys(IDBKeyRange.bound('true_', 'true_\uffff')))).filter(isOneOfThem)
    } catch (error) {
      // What cannot be read here is not read by the page either.
      return { taken: 0, unreadable: String(error) }
    }
    let taken = 0
    for (const key of keys) {
      if (ackOf(await settled(store.get(key))) > 0) continue
      store.delete(key)
      taken += 1
    }
    await new Promise<void>((resolve, reject) => {
      store.transaction.oncomplete = () => resolve()
      store.transaction.onabort = () => reject(store.transaction.error)
    })
    return { taken }
  } finally {
    database?.close()
  }
}
