import type { Accounts } from './accounts.ts'
import type { PageConnection } from './page-connection.ts'

export interface Ack {
  id: string
  /** Digits of the addressee's number. */
  to: string
  ack: number
}

/** The pages that are connected now: unpaired ones, and at most one per login. */
export class OpenPages {
  readonly #accounts: Accounts
  readonly #all = new Set<PageConnection>()
  readonly #byLogin = new Map<string, PageConnection>()
  /** Receipts (acks 2 and 3) that the page of a login has not stored yet: by message id, per login. */
  readonly #receipts = new Map<string, Map<string, Ack>>()
  readonly #watchers = new Set<(numbers: string[]) => void>()

  constructor(accounts: Accounts) {
    this.#accounts = accounts
  }

  add(page: PageConnection): void {
    this.#all.add(page)
  }

  remove(page: PageConnection): void {
    this.#all.delete(page)
    for (const [login, of] of this.#byLogin) if (of === page) this.#byLogin.delete(login)
    if (page.account) this.noticed(page.account.number)
  }

  all(): PageConnection[] {
    return [...this.#all]
  }

  ofLogin(loginId: string): PageConnection | undefined {
    return this.#byLogin.get(loginId)
  }

  ofAccount(number: string): PageConnection[] {
    return this.all().filter((page) => page.account?.number === number)
  }

  /** Takes a login for this page; the page that had it gets the conflict, as the real server does. */
  claim(loginId: string, page: PageConnection): void {
    const older = this.#byLogin.get(loginId)
    this.#byLogin.set(loginId, page)
    if (page.account) this.noticed(page.account.number)
    if (older && older !== page) void older.conflict()
  }

  /** What a login is told at its next connection. */
  receiptsFor(loginId: string): Ack[] {
    return [...(this.#receipts.get(loginId)?.values() ?? [])]
  }

  receiptStored(loginId: string, { id, ack }: { id: string; ack: number }): void {
    const receipts = this.#receipts.get(loginId)
    if ((receipts?.get(id)?.ack ?? 0) <= ack) receipts?.delete(id)
  }

  /** Tells every login of an account of a receipt, now or when it is there. */
  receipt(number: string, { id, to, ack }: Ack): void {
    for (const { id: loginId } of this.#accounts.get(number)?.logins ?? []) {
      const receipts = this.#receipts.get(loginId) ?? new Map<string, Ack>()
      this.#receipts.set(loginId, receipts.set(id, { id, to, ack }))
      this.#byLogin.get(loginId)?.ack({ id, to, ack })
    }
  }

  /** Tells who watches that something changed for these numbers. */
  noticed(...numbers: string[]): void {
    for (const watcher of this.#watchers) watcher(numbers)
  }

  watch(watcher: (numbers: string[]) => void): () => void {
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }
}
