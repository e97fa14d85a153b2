import type { NumberAnswer } from '../wire.ts'
import type { Accounts } from './accounts.ts'
import { canonicalNumber } from './canonical-number.ts'
import { lidOfNumber, numberOfLid } from './lid-of-number.ts'
import type { SettingsStore } from './settings-store.ts'

/** Who is on WhatsApp, under which spelling, and how LIDs occur for them. */
export class NumberDirectory {
  readonly #settings: SettingsStore
  readonly #accounts: Accounts

  constructor(settings: SettingsStore, accounts: Accounts) {
    this.#settings = settings
    this.#accounts = accounts
  }

  describe(asked: string): NumberAnswer {
    const { unregistered, resolveExtraDigits, lid, lidByNumber } = this.#settings.current
    const known = this.#accounts.get(asked) !== undefined || !resolveExtraDigits
    const number = known ? asked : canonicalNumber(asked)
    return {
      number,
      registered: !unregistered.includes(number) && !unregistered.includes(asked),
      lidMode: lidByNumber[number] ?? lidByNumber[asked] ?? lid,
      lid: lidOfNumber(number),
    }
  }

  /** The number behind a chat id: `<digits>`, `<digits>@c.us` or `<lid>@lid`; undefined for anything else. */
  numberOf(chatId: string): string | undefined {
    const found = /^(\d{1,15})(?:@(c\.us|s\.whatsapp\.net|lid))?$/.exec(chatId)
    const [, user, server] = found ?? []
    if (user === undefined) return undefined
    return server === 'lid' ? numberOfLid(user) : user
  }
}
