import { numberBook } from '../number-book.ts'
import { pageSettings } from '../page-settings.ts'
import { wireLink } from '../wire-link.ts'
import type { WAWebWid } from './wa-web-wid.ts'
import { WAWebWidFactory } from './wa-web-wid-factory.ts'

/** Until when the page keeps a wrong «nobody» for a number, in ms since 1970. */
const wronglyNobodyUntil = new Map<string, number>()

function isWronglyNobody(number: string): boolean {
  const keptMs = pageSettings.current.account.wrongNegatives?.[number]
  if (keptMs === undefined) return false
  const until = wronglyNobodyUntil.get(number) ?? Date.now() + keptMs
  wronglyNobodyUntil.set(number, until)
  return Date.now() <= until
}

export const WAWebQueryExistsJob = {
  /** Answers with the number as WhatsApp spells it, and teaches the page its LID; null when it is not registered. */
  async queryWidExists(wid: WAWebWid): Promise<{ wid: WAWebWid; biz: boolean } | null> {
    if (isWronglyNobody(wid.user)) return null
    const answer = wid.isLid()
      ? await wireLink.query('lid.resolve', { lid: wid.user })
      : await wireLink.query('number.exists', { number: wid.user })
    if (!answer.registered) return null
    numberBook.learn(answer)
    return { wid: WAWebWidFactory.createWid(`${answer.number}@c.us`), biz: false }
  },
}
