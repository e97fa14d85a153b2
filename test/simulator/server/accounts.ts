import { randomBytes } from 'node:crypto'
import type { Login } from '../wire.ts'
import { JsonFile } from './json-file.ts'

export interface Account {
  number: string
  pushName: string
  logins: (Login & { pairedAt: string })[]
  /** Ids of the chats that it has archived. */
  archived: string[]
  /** Numbers that it has blocked. */
  blocked: string[]
}

/** The simulated phones and the devices that are linked to them. Kept in the data folder. */
export class Accounts {
  readonly #file: JsonFile<Account[]>
  readonly #byNumber = new Map<string, Account>()

  constructor(path: string) {
    this.#file = new JsonFile(path)
    for (const account of this.#file.read() ?? [])
      this.#byNumber.set(account.number, {
        ...account,
        archived: account.archived ?? [],
        blocked: account.blocked ?? [],
      })
  }

  get(number: string): Account | undefined {
    return this.#byNumber.get(number)
  }

  all(): Account[] {
    return [...this.#byNumber.values()]
  }

  /** Makes the account when it is new; a push name that is given replaces the old one. */
  open(number: string, pushName?: string): Account {
    let account = this.#byNumber.get(number)
    if (!account) {
      account = {
        number,
        pushName: pushName ?? `Phone ${number.slice(-4)}`,
        logins: [],
        archived: [],
        blocked: [],
      }
      this.#byNumber.set(number, account)
      this.#save()
    } else if (pushName !== undefined && pushName !== account.pushName) {
      account.pushName = pushName
      this.#save()
    }
    return account
  }

  link(account: Account): Login {
    const login = { id: randomBytes(6).toString('hex'), secret: randomBytes(24).toString('base64url') }
    account.logins.push({ ...login, pairedAt: new Date().toISOString() })
    this.#save()
    return login
  }

  /** The account of a login that is still linked. */
  ofLogin(login: Login): Account | undefined {
    return this.all().find((account) =>
      account.logins.some((known) => known.id === login.id && known.secret === login.secret),
    )
  }

  unlink(account: Account, loginId: string): void {
    account.logins = account.logins.filter((login) => login.id !== loginId)
    this.#save()
  }

  setArchived(account: Account, chatId: string, archived: boolean): void {
    account.archived = account.archived.filter((id) => id !== chatId)
    if (archived) account.archived.push(chatId)
    this.#save()
  }

  setBlocked(account: Account, number: string, blocked: boolean): void {
    account.blocked = account.blocked.filter((other) => other !== number)
    if (blocked) account.blocked.push(number)
    this.#save()
  }

  clear(): void {
    this.#byNumber.clear()
    this.#save()
  }

  #save(): void {
    this.#file.write(this.all())
  }
}
