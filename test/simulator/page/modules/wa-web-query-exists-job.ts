import { numberBook } from '../number-book.ts'
import { wireLink } from '../wire-link.ts'
import type { WAWebWid } from './wa-web-wid.ts'
import { WAWebWidFactory } from './wa-web-wid-factory.ts'

export const WAWebQueryExistsJob = {
  /** Answers with the number as WhatsApp spells it, and teaches the page its LID; null when it is not registered. */
  async queryWidExists(wid: WAWebWid): Promise<{ wid: WAWebWid; biz: boolean } | null> {
    const answer = wid.isLid()
      ? await wireLink.query('lid.resolve', { lid: wid.user })
      : await wireLink.query('number.exists', { number: wid.user })
    if (!answer.registered) return null
    numberBook.learn(answer)
    return { wid: WAWebWidFactory.createWid(`${answer.number}@c.us`), biz: false }
  },
}
