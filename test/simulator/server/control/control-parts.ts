import { z } from 'zod'
import type { Account } from '../accounts.ts'
import type { Ledger } from '../ledger.ts'
import type { PageConnection, ServerParts } from '../page-connection.ts'

export type ControlParts = ServerParts & { ledger: Ledger }

export const digits = z.string().regex(/^\d{6,15}$/, 'a phone number in digits, country code first')

/** The request names something that is not there. */
export class NotFound extends Error {
  readonly statusCode = 404
}

export function mustAccount({ accounts }: ControlParts, number: string): Account {
  const account = accounts.get(number)
  if (!account) throw new NotFound(`there is no account ${number}`)
  return account
}

/** The open pages of an account, or of all where none is named. */
export function openPages(parts: ControlParts, number: string | undefined): PageConnection[] {
  return number === undefined ? parts.pages.all() : parts.pages.ofAccount(mustAccount(parts, number).number)
}

/** Resolves when the open pages of these numbers have all that was sent to them. */
export async function caughtUp({ pages }: ControlParts, ...numbers: string[]): Promise<void> {
  const open = [...new Set(numbers)].flatMap((number) => pages.ofAccount(number))
  await Promise.all(open.map((page) => page.caughtUp()))
}
