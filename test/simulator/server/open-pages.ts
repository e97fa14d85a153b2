import type { PageConnection } from './page-connection.ts'

/** The pages that are connected now: unpaired ones, and at most one per login. */
export class OpenPages {
  readonly #all = new Set<PageConnection>()
  readonly #byLogin = new Map<string, PageConnection>()
  readonly #watchers = new Set<(numbers: string[]) => void>()

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

  /** Tells who watches that something changed for these numbers. */
  noticed(...numbers: string[]): void {
    for (const watcher of this.#watchers) watcher(numbers)
  }

  watch(watcher: (numbers: string[]) => void): () => void {
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }
}
