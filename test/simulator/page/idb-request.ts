/** An IndexedDB request as a promise. */
export function idbRequest<T>(request: IDBRequest<T>): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  request.onsuccess = () => resolve(request.result)
  request.onerror = () => reject(request.error)
  return promise
}

/** Resolves when a transaction is committed. */
export function idbCommit(transaction: IDBTransaction): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  transaction.oncomplete = () => resolve()
  transaction.onabort = () => reject(transaction.error)
  return promise
}

/** Deletes a database. Blocked or failed, the profile is about to be thrown away by whoever logged out. */
export function idbDelete(name: string): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const request = indexedDB.deleteDatabase(name)
  request.onsuccess = request.onerror = request.onblocked = () => resolve()
  return promise
}
